#!/bin/sh
# From a fresh machine to a running stack: sets everything up, starts `skerry up`, applies a web page
# and a PostgreSQL, and says where to look. Run as root, as often as you like.
#   sh scripts/demo.sh                       all of that
#   sh scripts/demo.sh --down                takes away what it made on this host
#   sh scripts/demo.sh --down --packages     and the Debian packages that it installed
# SKERRY_HOME, SKERRY_HTTP_PORT and the other variables of `skerry up` hold here too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=setup/versions.sh
. "$here/setup/versions.sh"
# shellcheck source=setup/host.sh
. "$here/setup/host.sh"
# shellcheck source=demo/start.sh
. "$here/demo/start.sh"
# shellcheck source=demo/images.sh
. "$here/demo/images.sh"
# shellcheck source=demo/down.sh
. "$here/demo/down.sh"

case "${1:-}" in
  "") ;;
  --down)
    demo_down "$here" "${2:-}"
    exit 0
    ;;
  *) fail "unknown option $1" "use --down, --down --packages or nothing" ;;
esac

sh "$here/setup/run.sh" --demo
home=${SKERRY_HOME:-/var/lib/skerry}
export SKERRY_HOME="$home"
stack=${SKERRY_DEMO_STACK:-${HOME:-/root}/skerry-demo}

say "Starting"
start_skerry "$home"
say "Images"
choose_images
say "The stack"
lay_out_stack "$here/demo/stack" "$stack"
cd "$stack"
"$SKERRY_COMMAND" apply --wait || {
  say "" "The stack did not come up. Why:"
  "$SKERRY_COMMAND" get services || true
  "$SKERRY_COMMAND" get nodes || true
  "$SKERRY_COMMAND" logs -p demo --tail 10 || true
  fail "the demo stack is not up" "the log of skerry up: $home/up.log"
}
say ""
"$SKERRY_COMMAND" get services -p demo
address=$(web_address)
body=$(curl -fsS --max-time 10 --retry 5 --retry-connrefused "$address" 2>&1) ||
  fail "the page at $address does not answer: $body" "see: skerry get routes; skerry logs web -p demo"

link=$("$SKERRY_COMMAND" user setup-link 2>/dev/null || true)

[ "$home" = /var/lib/skerry ] || prefix="SKERRY_HOME=$home "
cat <<TEXT

It runs. The page:   $address
                     (https on port $(port_of https), with a certificate of its own)
Skerry's own pages:  ${link:-there is an administrator already: log in}
                     (a link for one use, within a day: it makes the administrator)
The stack's files:   $stack
The log:             $home/up.log

What to try next, in $stack:
  curl $address
  ${prefix:-}skerry get services
  ${prefix:-}skerry describe service web
  ${prefix:-}skerry logs -f
  ${prefix:-}skerry exec db -- psql -U postgres -d visits -c 'select count(*) from visit'
  GREETING='Hello again' ${prefix:-}skerry plan          what would change, and why
  GREETING='Hello again' ${prefix:-}skerry apply --wait  no request is lost meanwhile
  kill -9 a container's process, and look again
To take it all away:  sh $here/demo.sh --down
TEXT
