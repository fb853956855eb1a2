# The `skerry` command: runs this clone with the pinned Deno, from any folder. Sourced.

install_command() {
  clone=$1
  case "$clone" in
    *"'"*) fail "the clone's path holds a quote: $clone" "move it to a plainer place" ;;
  esac
  deno_dir=${DENO_DIR:-${HOME:-/root}/.cache/deno}
  case "$deno_dir" in
    *[\"\$\`\\]*) fail "DENO_DIR holds a sign that a shell reads: $deno_dir" "name a plainer folder" ;;
  esac
  tmp=$(mktemp)
  cat >"$tmp" <<WRAPPER
#!/bin/sh
# Written by scripts/setup; runs Skerry from its sources.
unset INIT_CWD
export DENO_NO_UPDATE_CHECK=1
# At boot nobody has a home: what the sources import was fetched to this folder.
export DENO_DIR="\${DENO_DIR:-$deno_dir}"
export SKERRY_COMMAND='$SKERRY_COMMAND'
# A smaller heap and fewer copies of code; DNS and the command line are as fast with it.
exec '$SKERRY_LIB/deno' run -A --quiet --v8-flags=--optimize-for-size,--max-semi-space-size=1 \\
  --config '$clone/deno.json' '$clone/cmd/main.ts' "\$@"
WRAPPER
  # Another clone's until now: it is told, since its `skerry` is this one from now on.
  before=$(sed -n "s/.*--config '\(.*\)\/deno\.json'.*/\1/p" "$SKERRY_COMMAND" 2>/dev/null || true)
  if cmp -s "$tmp" "$SKERRY_COMMAND"; then
    step skerry "$SKERRY_COMMAND there"
  elif [ -e "$SKERRY_COMMAND" ] && ! grep -q 'Written by scripts/setup' "$SKERRY_COMMAND"; then
    fail "$SKERRY_COMMAND is there and is not ours" "move it away, then run this again"
  else
    mkdir -p "$(dirname "$SKERRY_COMMAND")"
    cp "$tmp" "$SKERRY_COMMAND.new.$$"
    chmod 0755 "$SKERRY_COMMAND.new.$$"
    mv -f "$SKERRY_COMMAND.new.$$" "$SKERRY_COMMAND"
    added file "$SKERRY_COMMAND"
    if [ -n "$before" ] && [ "$before" != "$clone" ]; then
      step skerry "$SKERRY_COMMAND runs $clone from now on; until now it ran $before"
    else
      step skerry "$SKERRY_COMMAND runs $clone"
    fi
  fi
  rm -f "$tmp"
}

# The npm packages of the sources, so that the first start needs no network.
fetch_sources() {
  step sources "fetching what the sources import"
  (cd "$1" && DENO_NO_UPDATE_CHECK=1 "$SKERRY_LIB/deno" install --quiet --entrypoint cmd/main.ts \
    >"$SKERRY_LIB/install.log" 2>&1) || {
    tail -n 5 "$SKERRY_LIB/install.log" >&2
    fail "the packages that Skerry imports could not be fetched" \
      "see that npm's registry is reached, then run this again"
  }
  added file "$SKERRY_LIB/install.log"
}
