#!/bin/sh
# Runs the compiler for build.sh. Cargo derives the names of a crate's symbols from the folder it lies in, and the order of
# the program's functions follows from those: for the two crates of this repository, the name comes from the crate.
#
# The linker writes a map of the program beside it, where LINK_MAP names a file: the only place that still knows the functions'
# names. Said here, because flags that Cargo knows of change the names.
set -eu
rustc=$1
shift
case " $* " in
*" --crate-name reprice_engine "* | *" --crate-name reprice_guest "*)
    for argument; do
        shift
        case $argument in
        metadata=*) argument=metadata=guest ;;
        esac
        set -- "$@" "$argument"
    done
    ;;
esac
case " $* " in
*" --crate-name reprice_guest "*) set -- "$@" -C "link-arg=-Map=${LINK_MAP:-/dev/null}" ;;
esac
exec "$rustc" "$@"
