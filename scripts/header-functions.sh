#!/bin/sh
# Prints the names of the functions that the library defines for a header of Zova and those it includes, one per line,
# sorted. include/zova_extension_host.h includes the others, so it stands for all of them.
#
# usage: header-functions.sh HEADER
#
# The preprocessor removes the comments, so a function that is only mentioned in one does not count. Functions
# all begin with zova_, and nothing else in the headers is a zova_ name followed by an opening parenthesis, but for the
# types of function pointers, where a star comes next. The entry point is declared for plugins, which define it.
set -eu

${CC:-cc} -E -P -x c "$1" | grep -oE 'zova_[a-z0-9_]+ *\([^*]' | sed 's/ *(.*//' |
    grep -vx zova_extension_entry_v1 | LC_ALL=C sort -u
