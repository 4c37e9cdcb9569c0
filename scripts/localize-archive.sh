#!/bin/sh
# Makes the static library that is installed: one relocatable object in which only the functions of the headers are
# global, so that it links beside another SQLite, another Rust static library, or anything else.
#
# usage: localize-archive.sh CARGO_ARCHIVE HEADER OUTPUT
#
# Why it is done this way:
# - The archive that Cargo leaves has some 300 objects with thousands of global symbols: SQLite's own, and Rust's
#   runtime. `ld -r`, with the header's functions as roots, joins the objects that are needed into one, and
#   objcopy makes every other symbol local to it.
# - `--force-group-allocation` dissolves COMDAT groups. Without it the group of `DW.ref.rust_eh_personality` stays;
#   a linker that meets the same group in another Rust archive keeps one of the two, and the program fails to link
#   (ld.bfd) or crashes in the first caught panic (gold).
# - `.llvmbc` and `.llvmcmd` are bitcode that Rust's standard library carries for link-time optimisation. It is no
#   use here, and `ar` and `ld` abort on it where an older LLVM has installed its plugin for binutils (Debian's
#   clang package does).
# - Debugging sections are nine tenths of the archive and go; symbol names stay, so profilers, valgrind and stack
#   traces still name functions. `.eh_frame` and `.gcc_except_table` stay: the boundary catches panics with them.
# - No `--gc-sections`: with -r it turns weak references of the parts it drops into strong ones, and a program that
#   also links another Rust archive then fails with undefined symbols (`pidfd_spawnp`). Link-time optimisation has
#   removed nearly everything that it would find; the difference is 1 %.
set -eu

input=$1
header=$2
output=$3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/header-functions.sh" "$header" >"$work/functions"

case $(uname -s) in
Darwin)
    # The driver supplies architecture and platform version. Symbols outside the list become private, and with -r
    # the linker turns private symbols into local ones. Mach-O names carry a leading underscore.
    sed 's/^/_/' "$work/functions" >"$work/symbols"
    sed 's/^/-Wl,-u,/' "$work/symbols" >"$work/roots"
    ${CC:-cc} -r -nostdlib -o "$work/zova_c.o" -Wl,-exported_symbols_list,"$work/symbols" \
        @"$work/roots" "$input"
    ${STRIP:-strip} -S "$work/zova_c.o"
    ;;
*)
    sed 's/^/--undefined=/' "$work/functions" >"$work/roots"
    ${LD:-ld} -r --force-group-allocation -o "$work/linked.o" @"$work/roots" "$input"
    ${OBJCOPY:-objcopy} --keep-global-symbols="$work/functions" --strip-debug \
        --remove-section=.llvmbc --remove-section=.llvmcmd "$work/linked.o" "$work/zova_c.o"
    ;;
esac

mkdir -p "$(dirname "$output")"
rm -f "$work/libzova_c.a"
${AR:-ar} rcs "$work/libzova_c.a" "$work/zova_c.o"
"$here/check-exports.sh" "$header" "$work/libzova_c.a"
mv "$work/libzova_c.a" "$output"
