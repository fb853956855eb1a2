#!/bin/sh
# Makes the demo's image from Debian's packages: PostgreSQL and Python on a minimal Debian.
#   sh make.sh FILE.tar     the root file system, whole or not at all
set -eu
target=${1:?usage: make.sh FILE.tar}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(dirname "$target")
mkdir -p "$folder"
work=$(mktemp -d "$folder/making.XXXXXX")
teller=
trap '[ -z "$teller" ] || kill "$teller" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
root=$work/root
mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | head -n 1 || true)

# It takes minutes: every ten seconds how far it is.
(
  waited=0
  while sleep 10 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    waited=$((waited + 10))
    printf '  %-10s %s s: %s\n' '' "$waited" "$(tail -n 1 "$work/log" 2>/dev/null | cut -c1-60)"
  done
) &
teller=$!

# It leaves a note of its own last words in debootstrap/debootstrap.log where it fails.
debootstrap --variant=minbase --include=postgresql,python3 bookworm "$root" \
  "${mirror:-http://deb.debian.org/debian}" >"$work/log" 2>&1 || {
  tail -n 5 "$work/log" >&2
  tail -n 5 "$root/debootstrap/debootstrap.log" >&2 2>/dev/null || true
  exit 1
}
install -m 0755 "$here/entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
# What a container does not need, the ready-made cluster and the JIT's compiler above all.
rm -rf "$root"/var/lib/postgresql/* "$root"/etc/postgresql/* "$root"/var/cache/apt/* \
  "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* \
  "$root"/usr/share/locale/* "$root"/usr/lib/*-linux-gnu/libLLVM* "$root"/usr/lib/*-linux-gnu/libz3* \
  "$root"/usr/lib/postgresql/*/lib/llvmjit* "$root"/usr/lib/postgresql/*/lib/bitcode \
  "$root"/var/log/*.log "$root"/etc/ssl/private/*
tar --create --numeric-owner --one-file-system --exclude='./dev/*' --exclude='./proc/*' \
  --exclude='./sys/*' --file "$work/root.tar" -C "$root" .
mv "$work/root.tar" "$target"
