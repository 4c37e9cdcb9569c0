#!/bin/sh
# Runs every test and ends with one line that says what passed and what was skipped. `make test` calls it after
# building the libraries.
#
# A tool that is absent (a second compiler, valgrind, pkg-config) makes the tests that need it skip with a message;
# with ZOVA_REQUIRE_ALL=1, as in CI, it makes them fail.
#
# Which build is tested: the C programs link the release libraries of build/lib, what a user gets. The Rust tests
# run in Cargo's development profile. That has debug assertions and overflow checks, and costs less than testing in
# release: SQLite without optimisation compiles in 8 seconds (in 55 with), and every test executable would pay for
# link-time optimisation of the whole library.
set -eu
cd "$(dirname "$0")/.."

cargo=${CARGO:-cargo}
cc=${CC:-cc}
warnings="-Wall -Wextra -pedantic -Werror"
link="-lpthread -ldl -lm"
work=$(pwd)/build/test
skipped=
started=$(date +%s)

rm -rf "$work"
mkdir -p "$work/static" "$work/shared"

phase_started=$started
# phase NAME: ends the phase before and begins the next.
phase() {
    at=$(date +%s)
    [ -z "${phase_name:-}" ] || echo "test: $phase_name took $((at - phase_started)) s"
    phase_name=$1
    phase_started=$at
    [ -z "$1" ] || printf '\ntest: %s\n' "$1"
}

fail() {
    echo "test: FAILED: $*" >&2
    exit 1
}

# skip WHAT WHY
skip() {
    [ "${ZOVA_REQUIRE_ALL:-}" != 1 ] || fail "$1: $2"
    echo "test: skipped: $1: $2"
    skipped="$skipped, $1 ($2)"
}

phase "Rust, the C boundary, C and C++ programs"
# Shown while it runs and kept to be counted; the status travels through a file because of the pipe.
{ $cargo test --workspace --no-fail-fast 2>&1 && echo 0 >"$work/status" || echo 1 >"$work/status"; } |
    tee "$work/cargo.log"
[ "$(cat "$work/status")" = 0 ] || fail "cargo test"
passed=$(sed -n 's/^test result: .* \([0-9][0-9]*\) passed;.*/\1/p' "$work/cargo.log" | awk '{ n += $1 } END { print n + 0 }')
ignored=$(sed -n 's/^test result: .* \([0-9][0-9]*\) ignored;.*/\1/p' "$work/cargo.log" | awk '{ n += $1 } END { print n + 0 }')
[ "$passed" -gt 0 ] || fail "cargo test ran no test"

phase "C examples"
examples=0
for source in examples-c/*.c; do
    name=$(basename "$source" .c)
    # shellcheck disable=SC2086
    $cc -std=c99 -O1 $warnings -Iinclude "$source" build/lib/libzova_c.a $link -o "$work/static/$name"
    examples=$((examples + 1))
done
scripts/test-examples.sh "$work/static"

phase "README and C guide"
# The quick start is the example, word for word, and the command beside it works as printed.
awk '/^```c$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md >"$work/quickstart.c"
diff -u "$work/quickstart.c" examples-c/quickstart.c || fail "README.md and examples-c/quickstart.c differ"
command=$(grep -m 1 '^cc .*examples-c/quickstart.c' README.md) || fail "README.md does not say how to build the quick start"
mkdir "$work/readme"
for part in include examples-c build; do ln -s "$(pwd)/$part" "$work/readme/$part"; done
(cd "$work/readme" && sh -c "$command" && ./quickstart) || fail "the README's command: $command"

scripts/check-snippets.sh docs/c-guide.md || fail "a snippet of docs/c-guide.md does not compile"

phase "Installation"
prefix=$work/prefix
make -s install PREFIX="$prefix" >/dev/null
make -s install PREFIX=/opt/zova DESTDIR="$work/stage" >/dev/null
for header in zova.h zova_extension.h zova_extension_host.h; do
    cmp "include/$header" "$work/stage/opt/zova/include/$header"
done
grep -q '^prefix=/opt/zova$' "$work/stage/opt/zova/lib/pkgconfig/zova.pc" || fail "zova.pc names another prefix"
cp examples-c/*.c examples-c/Makefile "$work/shared"
# The example of an extension becomes a bundle; what it does is tested by tests/bundles of the core.
cp -R examples-c/tags "$work/shared/tags"
make -s -C "$work/shared/tags" ZOVA_PREFIX="$prefix"
test -f "$work/shared/tags/tags.zovaext/libtags.so" && test -f "$work/shared/tags/tags.zovaext/extension.json"
make -s -C "$work/shared" ZOVA_PREFIX="$prefix"
scripts/test-examples.sh "$work/shared"
if command -v pkg-config >/dev/null; then
    make -s -C "$work/shared" clean
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig make -s -C "$work/shared"
    LD_LIBRARY_PATH=$prefix/lib DYLD_LIBRARY_PATH=$prefix/lib scripts/test-examples.sh "$work/shared"
else
    skip "building through pkg-config" "pkg-config is not installed"
fi

phase ""
# The C test runner prints one line per surface that it leaves out.
from_cargo=$(sed -n 's/^skipped: //p' "$work/cargo.log" | LC_ALL=C sort -u | tr '\n' ',' | sed -e 's/,$//' -e 's/,/, /g')
skipped=$(printf '%s' "$from_cargo$skipped" | sed 's/^, //')
printf '\ntest: passed in %s s: %s Rust and C tests (%s ignored), %s C examples static and shared, README, C guide, installation. Skipped: %s\n' \
    "$(($(date +%s) - started))" "$passed" "$ignored" "$examples" "${skipped:-nothing}"
