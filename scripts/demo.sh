#!/bin/sh
# Builds the C examples with plain cc and runs them on real input: this repository's own files, and a large
# source file with a copy of which one per cent was edited.
set -eu
cd "$(dirname "$0")/.."
cc=${CC:-cc}
dir=build/demo

rm -rf "$dir"
mkdir -p "$dir/input"

# Prints a command as a user would type it, then runs it.
show() {
    echo "\$ $*"
    "$@"
}

heading() {
    printf '\n== %s\n\n' "$*"
}

heading "A first program: examples-c/quickstart.c"
show $cc -std=c99 -Iinclude examples-c/quickstart.c build/lib/libzova_c.a -lpthread -ldl -lm -o $dir/quickstart
echo "\$ cd $dir && ./quickstart"
(cd $dir && ./quickstart)

heading "Real files: examples-c/attachments.c"
show $cc -std=c99 -O2 -Iinclude examples-c/attachments.c build/lib/libzova_c.a -lpthread -ldl -lm -o $dir/attachments

# The largest text at hand: SQLite's source, which the build has just compiled; else the library itself.
large=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -path '*/libsqlite3-sys-*/sqlite3/sqlite3.c' 2>/dev/null |
    sort | tail -n 1)
[ -n "$large" ] || large=build/lib/libzova_c.a
name=$(basename "$large")
cp "$large" "$dir/input/$name"
# One line in a hundred is replaced by a longer one, in ten runs spread over the file.
lines=$(wc -l <"$large")
LC_ALL=C awk -v run=$((lines / 10)) 'NR % run < run / 100 { print "/* edited: line " NR " was here */"; next } { print }' \
    "$large" >"$dir/input/edited-$name"
echo "$dir/input holds $name and edited-$name, the same with 1 % of its lines replaced."

# What belongs to the repository, without what was built.
set -- "$dir/input" Cargo.toml Cargo.lock Makefile README.md CHANGELOG.md CONTRIBUTING.md LICENSE
for folder in src crates include docs scripts examples-c c-tests benches/src; do
    [ ! -d "$folder" ] || set -- "$@" "$folder"
done
show $dir/attachments --list 12 $dir/files.zova "$@"

heading "The same again: everything is stored already"
show $dir/attachments --list 0 $dir/files.zova "$@"

printf '\nThe databases are %s and %s.\n' "$dir/notes.zova" "$dir/files.zova"
