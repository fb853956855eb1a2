#!/bin/sh
# Makes a Debian 12 machine ready for Skerry; run as root, as often as you like.
#   sh scripts/setup/run.sh            what Skerry runs on, and the `skerry` command
#   sh scripts/setup/run.sh --demo     also what the demo's images are made of
#   sh scripts/setup/run.sh --tests    also what the tests compare with
# What it puts on the host is listed in /usr/local/lib/skerry/added;
# `sh scripts/demo.sh --down` takes it away again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../.." && pwd)
# shellcheck source=versions.sh
. "$here/versions.sh"
# shellcheck source=host.sh
. "$here/host.sh"
# shellcheck source=packages.sh
. "$here/packages.sh"
# shellcheck source=deno.sh
. "$here/deno.sh"
# shellcheck source=traefik.sh
. "$here/traefik.sh"
# shellcheck source=schemathesis.sh
. "$here/schemathesis.sh"
# shellcheck source=command.sh
. "$here/command.sh"

packages=$RUN_PACKAGES
case "${1:-}" in
  "") ;;
  --demo) packages="$RUN_PACKAGES $DEMO_PACKAGES" ;;
  --tests) packages="$RUN_PACKAGES $DEMO_PACKAGES $TEST_PACKAGES" ;;
  *) fail "unknown option $1" "use --demo, --tests or nothing" ;;
esac
[ "$(id -u)" = 0 ] || fail "set-up installs packages and programs" "run it as root"

say "Setting up (what is added is listed in $SKERRY_ADDED)"
# shellcheck disable=SC2086  # a list of names
install_packages $packages
install_deno
install_traefik
[ "${1:-}" != --tests ] || install_schemathesis
fetch_sources "$clone"
install_command "$clone"
