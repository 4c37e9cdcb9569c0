#!/bin/sh
# Copies the header that the build script generated from src/ to include/zova.h.
#
# usage: update-header.sh CARGO-COMMAND-THAT-BUILDS-ZOVA-C...
set -eu
cd "$(dirname "$0")/.."

messages=$(mktemp)
trap 'rm -f "$messages"' EXIT
"$@" --message-format=json-render-diagnostics >"$messages"

# Cargo names the output folder of every build script; ours is the one with a zova.h in it.
sed -n 's/.*"reason":"build-script-executed".*"out_dir":"\([^"]*\)".*/\1/p' "$messages" |
    while read -r folder; do
        [ -f "$folder/zova.h" ] || continue
        if cmp -s "$folder/zova.h" include/zova.h; then
            echo "include/zova.h is up to date"
        else
            cp "$folder/zova.h" include/zova.h
            echo "include/zova.h is regenerated; commit it together with the change in src/"
        fi
    done
