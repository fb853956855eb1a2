# Undoes what the demo and set-up made on this host, by their own list. Sourced.

# demo_down SCRIPTS_FOLDER [--packages]
demo_down() {
  [ "$(id -u)" = 0 ] || fail "taking things off the host needs root" "run it as root"
  if [ ! -f "$SKERRY_ADDED" ]; then
    say "Nothing of Skerry's demo is on this host."
    return 0
  fi
  say "Taking away what was made on this host"
  while read -r kind value; do
    case "$kind" in
      up)
        # Its data goes only where the demo made the folder.
        keep=--keep-data
        grep -qxF "home $value" "$SKERRY_ADDED" && keep=
        DENO_NO_UPDATE_CHECK=1 "$SKERRY_LIB/deno" run -A --quiet --config "$1/../deno.json" \
          "$1/setup/remove_home.ts" "$value" $keep
        [ -z "$keep" ] || step left "$value was there before the demo: its data stays"
        ;;
      project)
        # Skerry ran before the demo and goes on; only the demo's project goes.
        SKERRY_HOME=$value "$SKERRY_COMMAND" delete -p demo --purge --confirm demo --wait ||
          step left "the project demo in $value: skerry delete -p demo --purge"
        ;;
      stack)
        rm -rf -- "$value"
        step removed "$value"
        ;;
      sysctl)
        sysctl -q -w "$value" && step set "$value, as it was"
        ;;
    esac
  done <"$SKERRY_ADDED"
  sed -i -e '/^up /d' -e '/^home /d' -e '/^stack /d' -e '/^project /d' -e '/^sysctl /d' "$SKERRY_ADDED"
  sh "$1/setup/undo.sh" "${2:-}"
  say "Done."
}
