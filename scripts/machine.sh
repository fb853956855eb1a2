#!/bin/sh
# Boots a Debian 12 of its own under systemd (systemd-nspawn: its own processes, mounts, network and
# name; the kernel is this machine's), with Skerry in it, and runs scripts/machine there: `skerry
# boot enable`, a reboot, a crash, an end. Not part of the gate: it fetches 150 MB.
#   sh scripts/machine.sh
# FOLDER=DIR says where that Debian is kept; without, /var/cache/skerry/debian12. Remove it by hand.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/.." && pwd)
# shellcheck source=setup/versions.sh
. "$here/setup/versions.sh"
# shellcheck source=setup/host.sh
. "$here/setup/host.sh"

root=${FOLDER:-$SKERRY_CACHE/debian12}
[ "$(id -u)" = 0 ] || fail "debootstrap and namespaces need root" "run it as root"
for tool in debootstrap:debootstrap systemd-nspawn:systemd-container; do
  command -v "${tool%:*}" >/dev/null ||
    fail "${tool%:*} is missing" "apt-get install --no-install-recommends ${tool#*:}"
done
[ -x "$SKERRY_LIB/deno" ] || fail "Deno is missing" "sh scripts/setup/run.sh --tests"

if [ ! -e "$root/.complete" ]; then
  packages=$(printf '%s ' "$RUN_PACKAGES" systemd systemd-sysv dbus systemd-resolved busybox-static |
    tr -s ' \n' ',' | sed 's/,$//')
  step debian "making $root (minutes)"
  log=$(mktemp)
  debootstrap --variant=minbase --include="$packages" bookworm "$root" \
    http://deb.debian.org/debian >"$log" 2>&1 ||
    fail "debootstrap failed: $(tail -n 1 "$log")" "its words: $log; remove $root and try again"
  rm -f "$log"
  touch "$root/.complete"
fi
cache=${DENO_DIR:-${HOME:-/root}/.cache/deno}
# The programs are copied: what set-up notes in there is that machine's, not this one's.
mkdir -p "$root$SKERRY_LIB" "$root/src" "$root/root/.cache/deno"
for program in deno traefik; do
  cp -a "$SKERRY_LIB/$program" "$SKERRY_LIB/$program.verified" "$root$SKERRY_LIB/"
done
export MACHINE_ROOT="$root" MACHINE_CLONE="$clone" MACHINE_DENO_DIR="$cache"
exec "$SKERRY_LIB/deno" test -A --quiet --config "$clone/deno.json" "$here/machine"
