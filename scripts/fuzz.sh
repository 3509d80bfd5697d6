#!/bin/sh
# SPDX-License-Identifier: MIT
# Fuzzes the parsers of bytes from the air and of files, clang and libFuzzer.
#   scripts/fuzz.sh                      a minute for all targets together
#   scripts/fuzz.sh MINUTES [TARGET...]  so long for each, e.g. scripts/fuzz.sh 30 fuzz_dll
# scripts/fuzz.sh 10 is ten minutes for each layer and parser; fuzz_decoder encrypts what it is given, so
# that decryption passes it on to the layers inside. The seeds are those of the tests. What is found on the way is kept in build/fuzz/fuzz/found, and
# an input that breaks something in build/fuzz/fuzz/broken: put it into the corpus beside the test.
set -eu
cd "$(dirname "$0")/.."
dir=build/fuzz/fuzz

say()
{
    echo "fuzz: $*" >&2
}

# One target: $1 its name, $2 seconds. The limit for one input is time on the clock: long enough for a
# computer that is busy with other things, too.
run_target()
{
    mkdir -p "$dir/found/$1" "$dir/broken"
    if "$dir/$1" -max_total_time="$2" -timeout=60 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$dir/broken/$1-" "$dir/found/$1" "$(cat "$dir/$1.seeds")" \
        >"$dir/$1.log" 2>&1; then
        awk -v name="$1" '/stat::number_of_executed_units/ { n = $2 } / cov: / { cov = $4 }
            END { printf "%-28s %10d inputs  %6d edges  nothing broken\n", name, n, cov }' \
            "$dir/$1.log"
    else
        tail -n 60 "$dir/$1.log" >&2
        say "$1 broke; the input is in $dir/broken"
        return 1
    fi
}

if [ "${1:-}" = --one ]; then # this script calling itself, so that targets run side by side
    run_target "$2" "$3"
    exit
fi

case ${1:-1} in
*[!0-9]* | 0)
    say "usage: scripts/fuzz.sh [MINUTES [TARGET...]]"
    exit 2
    ;;
esac

scripts/setup.sh build test
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -- --quiet

if [ $# -eq 0 ]; then
    set -- "$dir"/*.seeds
    seconds=$(((60 * $(nproc) + $# - 1) / $#))
    [ "$seconds" -le 60 ] || seconds=60
else
    seconds=$(($1 * 60))
    shift
    [ $# -gt 0 ] || set -- "$dir"/*.seeds
fi
for target in "$@"; do
    basename "$target" .seeds
done | xargs -P "$(nproc)" -I NAME "$0" --one NAME "$seconds"
