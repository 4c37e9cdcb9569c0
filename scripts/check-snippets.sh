#!/bin/sh
# Compiles every C snippet of a document. Each is the body of a function that has a database and a statement.
#
# usage: check-snippets.sh DOCUMENT.md
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v document="$1" '
    BEGIN { print "#include <stdio.h>\n#include <string.h>\n#include \"zova.h\"" }
    /^```c$/ {
        on = 1
        printf "void snippet_%d(zova_database *db, zova_statement *statement);\n", ++count
        printf "void snippet_%d(zova_database *db, zova_statement *statement)\n{\n", count
        print "(void)db; (void)statement;"
        printf "#line %d \"%s\"\n", NR + 1, document
        next
    }
    on && /^```$/ { on = 0; print "}" }
    on { print }
    END { if (!count) exit 1 }
' "$1" >"$work/snippets.c"
${CC:-cc} -std=c99 -Wall -Wextra -pedantic -Werror -Iinclude -c "$work/snippets.c" -o "$work/snippets.o"
