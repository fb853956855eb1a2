#!/bin/sh
# Records what compose-go makes of the goldens: sh record.sh ORACLE, ORACLE as testdata/README.md says.
set -eu
oracle=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
for folder in goldens stacks; do
cd "$here/$folder"
for file in *.yaml; do
  case $file in *.override.yaml) continue ;; esac
  name=${file%.yaml}
  set -- "$file"
  if [ -e "$name.override.yaml" ]; then set -- "$file" "$name.override.yaml"; fi
  env -i HOME=/home/user GREETING=hello EMPTY= OVERRIDDEN=from-environment "$oracle" "$@" \
    2>"$name.log" | sed "s#$PWD#/project#g; s#$(dirname "$PWD")/#/#g" >"$name.json" || true
  if [ -s "$name.json" ]; then rm -f "$name.log"; else rm "$name.json"; echo "refused: $name: $(cat "$name.log")"; fi
done
done
