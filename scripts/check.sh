#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything that CI checks: set-up, style, all builds, all tests, a minute of fuzzing. Ends with
# 0 only if all of it is well.
set -eu
[ $# -eq 0 ] || { echo "usage: scripts/check.sh, without arguments" >&2; exit 2; }
cd "$(dirname "$0")/.."
start=$(date +%s)

step()
{
    echo
    echo "== $* (after $(($(date +%s) - start)) s)"
}

build()
{
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$1" -- --quiet
}

# $1 preset, the rest which tests. Every test has a time limit, so that a loop without end is a
# failure.
run_tests()
{
    preset=$1
    shift
    ctest --preset "$preset" --timeout 900 -j "$(nproc)" --no-tests=error "$@"
}

check_licence_lines()
{
    bare=$(git grep --cached -L SPDX-License-Identifier -- '*.c' '*.h' '*.sh' '*.py' '*.cmake' \
        '*CMakeLists.txt' '*.yaml' '*.md' '.clang*' '.git*' '.ci/*' ':!*/corpus_*') || true
    [ -z "$bare" ] || {
        echo "no SPDX line in: $bare"
        return 1
    }
}

# Prints all findings, fails for those that .clang-tidy calls errors.
check_tidy()
{
    status=0
    run-clang-tidy -quiet -p build/fuzz -j "$(nproc)" >build/clang-tidy.log 2>&1 || status=1
    sed 's/\x1b\[[0-9;]*m//g' build/clang-tidy.log | grep -E '(warning|error): ' | sort -u || true
    return $status
}

step "set-up"
scripts/setup.sh

step "licence lines, scripts, layout"
check_licence_lines
git ls-files '*.sh' .ci/run | xargs shellcheck
git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror

step "gcc, address and undefined-behaviour sanitizers: build and tests"
build dev
run_tests dev

step "clang, the same sanitizers: build and unit tests"
build fuzz
run_tests fuzz -L unit

step "clang-tidy"
check_tidy

step "a minute of fuzzing"
scripts/fuzz.sh

step "thread sanitizer: the programs on recordings"
build tsan
run_tests tsan -R '^(e2e_programs|e2e_recordings|e2e_decode|e2e_outputs|e2e_mqtt|e2e_live|e2e_rtlsdr|e2e_soapy|test_recordings)$'

step "without vector kernels: build and unit tests"
build portable
run_tests portable -L unit

step "gcc, optimised: build and tests"
build release
run_tests release
