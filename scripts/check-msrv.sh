#!/bin/sh
# Checks the minimum Rust version that Cargo.toml states: the compiler in use is not older, and no dependency
# needs a newer one. Also fails when Cargo.lock does not fit the manifests.
set -eu
cd "$(dirname "$0")/.."

stated=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
compiler=$(rustc --version | cut -d ' ' -f 2)
host=$(rustc -vV | sed -n 's/^host: //p')

# full VERSION: with three numbers, so that 1.95 and 1.95.0 compare as equal.
full() {
    case $1 in
    *.*.*) echo "$1" ;;
    *) echo "$1.0" ;;
    esac
}

# at_least A B: version A is B or newer.
at_least() {
    [ "$(printf '%s\n%s\n' "$(full "$1")" "$(full "$2")" | sort -V | head -n 1)" = "$(full "$2")" ]
}

at_least "$compiler" "$stated" || {
    echo "Rust $stated or newer is needed; this is $compiler." >&2
    exit 1
}

# In the metadata of a package its name and version come together, first, and its rust_version later.
metadata=$(${CARGO:-cargo} metadata --locked --format-version 1 --filter-platform "$host")
needs=$(printf '%s\n' "$metadata" |
    grep -oE '"name":"[^"]*","version":"[^"]*"|"rust_version":"[^"]*"' |
    awk -F '"' '$2 == "name" { package = $4 " " $8 } $2 == "rust_version" { print $4, package }')
status=0
while read -r needed name version; do
    at_least "$stated" "$needed" && continue
    echo "$name $version needs Rust $needed, Cargo.toml states $stated." >&2
    status=1
done <<END
$needs
END
[ $status -ne 0 ] || echo "lint: minimum Rust version $stated: compiler is $compiler, no dependency needs more."
exit $status
