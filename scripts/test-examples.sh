#!/bin/sh
# Runs the compiled C examples and checks what they print, what they leave, and how they end.
#
# usage: test-examples.sh FOLDER-WITH-PROGRAMS
set -eu

programs=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "examples: $*" >&2
    [ ! -f output ] || sed 's/^/    /' output >&2
    exit 1
}

# run EXPECTED-STATUS COMMAND...: leaves what it prints in the file `output`.
run() {
    expected=$1
    shift
    status=0
    "$@" >output 2>&1 || status=$?
    [ "$status" -eq "$expected" ] || fail "$* ended with $status instead of $expected"
}

# prints PATTERN: the last run printed a line that matches.
prints() {
    grep -qE -- "$1" output || fail "no line matches: $1"
}

# The first program creates its file, then opens it.
run 0 "$programs/quickstart"
prints '^note 1, Shopping: Bread, olives'
run 0 "$programs/quickstart"
prints '^note 1, Shopping: Bread, olives'
prints '^note 2, Shopping: Bread, olives'

# Files of all kinds: empty, small, equal, large with an edited copy, in folders, a link, odd names.
mkdir -p in/sub
: >in/empty
echo hello >in/hello
cp in/hello 'in/sub/hello again'
head -c 3000000 /dev/urandom >in/large
{ head -c 1000000 in/large && echo edited && tail -c 1900000 in/large; } >in/sub/edited
ln -s hello in/link
run 0 "$programs/attachments" files.zova in
prints 'files stored +5 +5 new, 0 updated, 0 unchanged'
prints 'files read back and verified +5 '
prints 'distinct objects +4 '
prints 'links, special and own files +1$'
prints '  in/sub/hello again$'

# Again: nothing is new, nothing grows.
run 0 "$programs/attachments" files.zova in
prints 'files stored +5 +0 new, 0 updated, 5 unchanged'
prints 'the database grew by +0 bytes'

# A changed file is updated, and the object that nobody names any more is deleted.
echo goodbye >in/empty
run 0 "$programs/attachments" files.zova in
prints 'files stored +5 +0 new, 1 updated, 4 unchanged'
prints 'objects no longer needed +1$'

# A path that cannot be read is reported, the others are stored, and the status says so.
run 1 "$programs/attachments" other.zova in/hello absent
prints '^attachments: absent: No such file or directory$'
prints 'files stored +1 '
prints 'FAILED +1 '

# The database does not store itself.
run 0 "$programs/attachments" in/inside.zova in
run 0 "$programs/attachments" in/inside.zova in
prints 'files stored +5 +0 new'

# What a user gets wrong is explained.
run 2 "$programs/attachments"
run 2 "$programs/attachments" files.zova
run 2 "$programs/attachments" --list x files.zova in
prints '^usage: '
run 1 "$programs/attachments" files.db in
prints 'NotZovaPath: '
echo 'not a database' >text.zova
run 1 "$programs/attachments" text.zova in
prints 'NotZovaDatabase: '
