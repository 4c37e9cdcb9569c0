#!/bin/sh
# Copies the headers that the build script generated from the sources to include/.
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
        for header in zova.h zova_extension.h zova_extension_host.h; do
            if cmp -s "$folder/$header" "include/$header"; then
                echo "include/$header is up to date"
            else
                cp "$folder/$header" "include/$header"
                echo "include/$header is regenerated; commit it together with the change in the sources"
            fi
        done
    done
