#!/bin/sh
# Prints the names of the functions that a header of Zova declares, one per line, sorted.
#
# usage: header-functions.sh HEADER
#
# The preprocessor removes the comments, so a function that is only mentioned in one does not count. Functions
# all begin with zova_, and nothing else in the header is a zova_ name followed by an opening parenthesis.
set -eu

${CC:-cc} -E -P -x c "$1" | grep -oE 'zova_[a-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u
