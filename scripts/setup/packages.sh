# Debian's packages. Sourced; `install_packages NAME…` installs what is missing and notes it.

missing_packages() {
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
      printf '%s ' "$package"
  done
}

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null
}

install_packages() {
  wanted=$(missing_packages "$@")
  if [ -z "$wanted" ]; then
    step packages "all $# there"
    return 0
  fi
  [ "$(id -u)" = 0 ] || fail "packages are missing: $wanted" "run this as root"
  command -v apt-get >/dev/null || fail "there is no apt-get here: set-up knows Debian 12 and its kin" \
    "install by hand: $wanted"
  step packages "installing $wanted"
  # Services that packages bring (a registry for the tests, say) are not to be started.
  policy=/usr/sbin/policy-rc.d
  own_policy=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
    own_policy=yes
  fi
  log=$(mktemp)
  result=0
  # shellcheck disable=SC2086  # a list of names
  apt install -y --no-install-recommends $wanted >"$log" 2>&1 || {
    step packages "asking for fresh package lists"
    apt update >"$log" 2>&1 || true
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $wanted >"$log" 2>&1 || result=1
  }
  [ "$own_policy" = no ] || rm -f "$policy"
  if [ "$result" != 0 ]; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install: $wanted" "the end of its own words stands above; log: $log"
  fi
  rm -f "$log"
  for package in $wanted; do added package "$package"; done
}
