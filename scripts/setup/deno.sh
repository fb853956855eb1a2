# Deno, from npm or else from PyPI (which has it for arm64 too). Sourced.

install_deno() {
  deno=$SKERRY_LIB/deno
  want=$(pinned deno)
  if installed_as "$deno" "$want"; then
    step deno "$DENO_VERSION there"
    return 0
  fi
  step deno "fetching $DENO_VERSION"
  tmp=$(mktemp -d)
  if [ "$machine" = x86_64 ] && command -v npm >/dev/null &&
    (cd "$tmp" && npm pack --silent "@deno/linux-x64-glibc@$DENO_VERSION" >log 2>&1 &&
      tar xzf deno-linux-*.tgz) && place "$tmp/package/deno" "$deno" "$want"; then
    step deno "$DENO_VERSION from npm, checksum right"
  elif wheel "deno==$DENO_VERSION" "$tmp" &&
    place "$(find "$tmp/wheel" -type f -name deno | head -n 1)" "$deno" "$want"; then
    step deno "$DENO_VERSION from PyPI, checksum right"
  else
    tail -n 5 "$tmp/log" >&2 || true
    rm -rf "$tmp"
    fail "Deno $DENO_VERSION came neither from npm nor from PyPI with the checksum $want" \
      "see that npm or pip reaches its registry, then run this again"
  fi
  rm -rf "$tmp"
}
