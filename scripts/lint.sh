#!/bin/sh
# Everything that can be said about the sources without running them. Stops at the first complaint.
set -eu
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}

scripts/check-msrv.sh

echo "lint: formatting"
$cargo fmt --all --check

echo "lint: clippy"
$cargo clippy --locked --workspace --all-targets -- -D warnings

echo "lint: documentation"
# The core's documentation is for its users; that of the other packages is for those who change them, so it may link
# to private items.
RUSTDOCFLAGS="-D warnings" $cargo doc --locked --no-deps -p zova
RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" \
    $cargo doc --locked --no-deps --workspace --exclude zova --document-private-items

echo "lint: the headers are what the sources generate"
$cargo test --locked -p zova-c --lib header

if command -v shellcheck >/dev/null; then
    echo "lint: shell scripts"
    shellcheck scripts/*.sh .ci/run
else
    echo "lint: shellcheck is not installed, shell scripts not checked"
fi
echo "lint: passed"
