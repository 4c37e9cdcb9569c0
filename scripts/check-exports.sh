#!/bin/sh
# Fails unless a library exports exactly the functions that the header declares, and nothing else.
#
# usage: check-exports.sh HEADER LIBRARY
set -eu

header=$1
library=$2
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/header-functions.sh" "$header" >"$work/declared"
test -s "$work/declared" || {
    echo "$0: no function found in $header" >&2
    exit 1
}

# A shared library of Linux lists its exports in the dynamic symbol table.
case $library in
*.so | *.so.*) tables=-D ;;
*) tables= ;;
esac
# Symbol names are the last field; macOS puts an underscore in front of each, and there are headings to leave out.
# shellcheck disable=SC2086
${NM:-nm} -g $tables "$library" |
    awk -v macos="$(uname -s)" 'NF >= 3 && $(NF - 1) !~ /^[UwvN]$/ {
        name = $NF
        if (macos == "Darwin") sub(/^_/, "", name)
        print name
    }' | LC_ALL=C sort -u >"$work/exported"

missing=$(LC_ALL=C comm -23 "$work/declared" "$work/exported")
surplus=$(LC_ALL=C comm -13 "$work/declared" "$work/exported")
if [ -n "$missing" ] || [ -n "$surplus" ]; then
    {
        echo "$library does not export what $header declares."
        [ -z "$missing" ] || printf 'Declared but not exported:\n%s\n' "$missing"
        [ -z "$surplus" ] || printf 'Exported but not declared, the first 20:\n%s\n' "$(echo "$surplus" | head -n 20)"
    } >&2
    exit 1
fi
