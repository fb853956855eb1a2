#!/bin/sh
# Sets the machine up and runs everything: checks, unit tests, whole scenarios on the real parts, one
# run of each sort of fault, a short fuzz. Ends with `N passed, N failed`, counted from what really ran.
#   sh scripts/test.sh            all
#   sh scripts/test.sh test e2e   only these of: check test e2e faults fuzz
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup/run.sh --tests

export PATH="/usr/local/lib/skerry:$PATH" SKERRY_TRAEFIK=/usr/local/lib/skerry/traefik
export NO_COLOR=1 DENO_NO_UPDATE_CHECK=1
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0
summary=

# The last "N passed … N failed" of a step's own words; nothing where it never got so far.
counts() {
  grep -oE '[0-9]+ passed( \([^)]*\))?[ ,|]+[0-9]+ failed' "$1" | tail -n 1 |
    sed -E 's/^([0-9]+) passed.* ([0-9]+) failed$/\1 \2/'
}

run() {
  printf '\n== %s: deno task %s\n' "$(date +%H:%M:%S)" "$1"
  { deno task -q "$@" 2>&1 && echo 0 >"$logs/code" || echo $? >"$logs/code"; } | tee "$logs/$1"
  code=$(cat "$logs/code")
  found=$(counts "$logs/$1")
  ok=${found% *}
  bad=${found#* }
  if [ -z "$found" ]; then
    # It said nothing of its own: that is a failure too, whatever its exit code.
    ok=0
    bad=1
  elif [ "$code" != 0 ] && [ "$bad" = 0 ]; then
    bad=1
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  summary="$summary$(printf '\n  %-6s %5s passed %4s failed  (exit %s)' "$1" "$ok" "$bad" "$code")"
}

[ $# -gt 0 ] || set -- check test e2e faults fuzz
for task in "$@"; do
  case "$task" in
    check | test | e2e | fuzz) run "$task" ;;
    faults) run faults --short ;;
    *)
      echo "unknown: $task; there are check, test, e2e, faults and fuzz" >&2
      exit 2
      ;;
  esac
done
printf '\n%s\n\n%d passed, %d failed\n' "${summary#?}" "$passed" "$failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
