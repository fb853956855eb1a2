# schemathesis, which asks the API all sorts of things: in a folder of its own. Sourced.

install_schemathesis() {
  folder=$SKERRY_LIB/schemathesis
  if "$folder/bin/schemathesis" --version 2>/dev/null | grep -qF "$SCHEMATHESIS_VERSION"; then
    step schemathesis "$SCHEMATHESIS_VERSION there"
    return 0
  fi
  step schemathesis "fetching $SCHEMATHESIS_VERSION from PyPI"
  rm -rf "$folder"
  python3 -m venv "$folder" &&
    "$folder/bin/pip" install -q --disable-pip-version-check "schemathesis==$SCHEMATHESIS_VERSION" ||
    fail "schemathesis $SCHEMATHESIS_VERSION could not be installed from PyPI" \
      "see above; then run this again"
  added folder "$folder"
}
