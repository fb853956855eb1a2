#!/bin/sh
# Runs tests on Debian 13's packages, so with Podman 5, on a machine that has another Debian: in a
# folder made by debootstrap, in mount namespaces of its own. The kernel and its cgroups stay this
# machine's. Not part of the gate: it fetches 200 MB.
#   sh scripts/debian13.sh                  the contract suites and real tests of the drivers
#   sh scripts/debian13.sh deno task e2e 010
# FOLDER=DIR says where Debian 13 is kept; without, /var/cache/skerry/debian13. Remove it by hand.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/.." && pwd)
# shellcheck source=setup/versions.sh
. "$here/setup/versions.sh"
# shellcheck source=setup/host.sh
. "$here/setup/host.sh"

root=${FOLDER:-$SKERRY_CACHE/debian13}
mirror=http://deb.debian.org/debian
[ "$(id -u)" = 0 ] || fail "debootstrap and namespaces need root" "run it as root"
command -v debootstrap >/dev/null || fail "debootstrap is missing" "apt-get install debootstrap"
[ -x "$SKERRY_LIB/deno" ] || fail "Deno is missing" "sh scripts/setup/run.sh --tests"

if [ ! -e "$root/.complete" ]; then
  packages=$(printf '%s ' "$RUN_PACKAGES" crun "$TEST_PACKAGES" | tr -s ' \n' ',' | sed 's/,$//')
  step debian "making $root (minutes)"
  log=$(mktemp)
  debootstrap --variant=minbase --include="$packages" trixie "$root" "$mirror" >"$log" 2>&1 ||
    fail "debootstrap failed: $(tail -n 1 "$log")" "its words: $log; remove $root and try again"
  rm -f "$log"
  touch "$root/.complete"
fi

[ $# -gt 0 ] || set -- deno test -A --quiet agent/drivers/podman agent/drivers/bridge \
  agent/drivers/nftables agent/logs
export SKERRY_LIB
exec unshare --mount --propagation private sh -eu -c '
  root=$1 clone=$2
  shift 2
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmp "$root/tmp"
  mount -t tmpfs -o mode=755 run "$root/run"
  cache=${DENO_DIR:-$HOME/.cache/deno}
  mkdir -p "$root/src" "$root/deno" "$root$SKERRY_LIB" "$root/host" "$cache"
  mount --bind "$clone" "$root/src"
  mount --bind "$cache" "$root/deno"
  mount --bind "$SKERRY_LIB" "$root$SKERRY_LIB"
  cd "$root"
  pivot_root . host
  umount -l /host
  cd /src
  export PATH="$SKERRY_LIB:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  export DENO_DIR=/deno SKERRY_TRAEFIK="$SKERRY_LIB/traefik" LANG=C.UTF-8
  podman --version
  exec "$@"
' sh "$root" "$clone" "$@"
