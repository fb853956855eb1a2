#!/bin/sh
# Takes away what scripts/setup/run.sh put on this host, by its own list.
#   sh scripts/setup/undo.sh             programs and the `skerry` command; packages are named
#   sh scripts/setup/undo.sh --packages  the packages that it installed, too
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=versions.sh
. "$here/versions.sh"
# shellcheck source=host.sh
. "$here/host.sh"
if [ ! -f "$SKERRY_ADDED" ]; then
  say "Set-up has put nothing on this host."
  exit 0
fi
# shellcheck disable=SC2016  # the backquotes are the unit's own
if units=$(grep -ls 'Written by `skerry boot enable`' /etc/systemd/system/skerry*.service); then
  fail "$units still starts Skerry with this machine" "first: skerry boot disable (with its --home)"
fi
packages=
while read -r kind value; do
  case "$kind" in
    file) rm -f -- "$value" && step removed "$value" ;;
    folder)
      case "$value" in
        /var/cache/skerry | /var/cache/skerry/* | "$SKERRY_LIB/schemathesis") rm -rf -- "$value" && step removed "$value" ;;
      esac
      ;;
    package) packages="$packages $value" ;;
  esac
done <"$SKERRY_ADDED"
if [ -n "$packages" ] && [ "${1:-}" = --packages ]; then
  # shellcheck disable=SC2086  # a list of names
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y remove $packages </dev/null
  step removed "packages:$packages"
  packages=
fi
rm -f -- "$SKERRY_ADDED"
if [ -n "$packages" ]; then
  for package in $packages; do added package "$package"; done
  say "Left in place, since other things may use them by now (--packages removes them):$packages"
else
  rmdir -- "$SKERRY_LIB" 2>/dev/null || true
fi
