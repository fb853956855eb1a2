# Starts `skerry up` in the background and waits until it answers. Sourced.

# port_free PORT: nobody listens there.
port_free() { [ -z "$(ss -Hltn "sport = :$1" 2>/dev/null)" ]; }

# free_port PORT…: the first of them that is free.
free_port() {
  for port in "$@"; do
    if port_free "$port"; then
      printf %s "$port"
      return 0
    fi
  done
  fail "none of the ports $* is free" "name others: SKERRY_HTTP_PORT, SKERRY_HTTPS_PORT"
}

# ports_text: how to begin again on other ports.
ports_text() {
  printf %s "to use others: sh scripts/demo.sh --down, then SKERRY_HTTP_PORT=18080 \
SKERRY_HTTPS_PORT=18443 SKERRY_DNS_PORT=17453 SKERRY_LISTEN=0.0.0.0:17443 sh scripts/demo.sh"
}

# need_port SETTING PORT: fails where somebody else listens there; the ingress of an earlier run may.
need_port() {
  port_free "$2" && return 0
  ss -Hltnp "sport = :$2" | grep -q '"traefik"' && return 0
  who=$(ss -Hltnp "sport = :$2" | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | head -n 1)
  fail "port $2 ($1) is taken by ${who:-somebody else}" "end that, or $(ports_text)"
}

answers() { "$SKERRY_COMMAND" version -o json 2>/dev/null | grep -q '"control": "'; }

start_skerry() {
  if answers; then
    step skerry "skerry up runs already, with its data in $1"
    grep -qxF "up $1" "$SKERRY_ADDED" || added project "$1"
    [ -z "${SKERRY_HTTP_PORT:-}${SKERRY_HTTPS_PORT:-}${SKERRY_DNS_PORT:-}${SKERRY_LISTEN:-}" ] ||
      step ports "it keeps its own; $(ports_text)"
    return 0
  fi
  # The ports of the run before, which its ingress may still hold, unless others are named now.
  for setting in $(cat "$1/demo-ports" 2>/dev/null); do
    case "$setting" in
      SKERRY_HTTP_PORT=*) : "${SKERRY_HTTP_PORT:=${setting#*=}}" ;;
      SKERRY_HTTPS_PORT=*) : "${SKERRY_HTTPS_PORT:=${setting#*=}}" ;;
      SKERRY_DNS_PORT=*) : "${SKERRY_DNS_PORT:=${setting#*=}}" ;;
      SKERRY_LISTEN=*) : "${SKERRY_LISTEN:=${setting#*=}}" ;;
    esac
  done
  : "${SKERRY_HTTP_PORT:=$(free_port 80 8080 8880 18080)}"
  : "${SKERRY_HTTPS_PORT:=$(free_port 443 8443 8843 18443)}"
  : "${SKERRY_DNS_PORT:=$(free_port 7453 7454 17453)}"
  : "${SKERRY_LISTEN:=0.0.0.0:$(free_port 7443 7445 17443)}"
  need_port SKERRY_HTTP_PORT "$SKERRY_HTTP_PORT"
  need_port SKERRY_HTTPS_PORT "$SKERRY_HTTPS_PORT"
  need_port SKERRY_LISTEN "${SKERRY_LISTEN##*:}"
  export SKERRY_HTTP_PORT SKERRY_HTTPS_PORT SKERRY_DNS_PORT SKERRY_LISTEN
  [ -e "$1" ] || added home "$1"
  mkdir -p "$1"
  printf '%s\n' "SKERRY_HTTP_PORT=$SKERRY_HTTP_PORT" "SKERRY_HTTPS_PORT=$SKERRY_HTTPS_PORT" \
    "SKERRY_DNS_PORT=$SKERRY_DNS_PORT" "SKERRY_LISTEN=$SKERRY_LISTEN" >"$1/demo-ports"
  if [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 0 ]; then added sysctl net.ipv4.ip_forward=0; fi
  setsid "$SKERRY_COMMAND" up </dev/null >>"$1/up.log" 2>&1 &
  started=$!
  added up "$1"
  tries=0
  until answers; do
    tries=$((tries + 1))
    if ! kill -0 "$started" 2>/dev/null || [ "$tries" -gt 120 ]; then
      tail -n 20 "$1/up.log" >&2
      fail "skerry up did not start" "its last words stand above; all of them: $1/up.log. \
Where a port is taken, $(ports_text)"
    fi
    sleep 0.5
  done
  step skerry "skerry up runs, with its data in $1"
  step ports "http $SKERRY_HTTP_PORT, https $SKERRY_HTTPS_PORT"
}

# lay_out_stack FROM TO: a copy of the demo's files that is yours to change; yours is left as it is.
lay_out_stack() {
  if [ ! -e "$2/compose.yaml" ]; then
    [ -e "$2" ] || added stack "$2"
    mkdir -p "$2"
    cp "$1"/* "$2/"
    step files "$2"
  else
    step files "$2 (as it is there)"
  fi
  if [ ! -e "$2/db_password.txt" ]; then
    (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '\n' >"$2/db_password.txt")
    step secret "a password for the database, made now"
  fi
  printf 'DEMO_POSTGRES_IMAGE=%s\nDEMO_WEB_IMAGE=%s\n' \
    "$demo_postgres_image" "$demo_web_image" >"$2/.env"
}

# port_of http|https: of the running ingress.
port_of() {
  "$SKERRY_COMMAND" get nodes -o json |
    python3 -c 'import json,sys
for node in json.load(sys.stdin):
    if node["ingress"]: print(node["ingress"][sys.argv[1] + "Port"]); break' "$1"
}

web_address() {
  port=$(port_of http)
  [ "$port" = 80 ] && printf 'http://127.0.0.1/' || printf 'http://127.0.0.1:%s/' "$port"
}
