#!/bin/sh
# SPDX-License-Identifier: MIT
# The library as others use it: installs it into a folder, builds the example with what pkg-config
# says there, shared and static, and runs it.
#   e2e_library.sh CMAKE BUILD-FOLDER EXAMPLE.c CC [FLAG]
set -eu
cmake=$1 build=$2 example=$3 cc=$4
shift 4
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
gas=2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3

fail()
{
    echo "e2e_library: $*" >&2
    exit 1
}

"$cmake" --install "$build" --prefix "$dir/first" --component library >/dev/null
mv "$dir/first" "$dir/moved" # a package is built in one place and used in another
pc=$(find "$dir/moved" -name wmbus-decode.pc)
export PKG_CONFIG_PATH="${pc%/*}"
lib=$(pkg-config --variable=libdir wmbus-decode)

# shellcheck disable=SC2046 # pkg-config's words
"$cc" -std=c11 -Wall -Wextra -Werror "$@" "$example" $(pkg-config --cflags --libs wmbus-decode) -o "$dir/shared"
# shellcheck disable=SC2046
"$cc" -std=c11 "$@" "$example" $(pkg-config --cflags wmbus-decode) "$lib/libwmbus-decode.a" \
    $(pkg-config --static --libs wmbus-decode | sed 's/-lwmbus-decode//') -o "$dir/static"

cat >"$dir/expected" <<'END'
ELS 12345678, gas, unknown, kitchen: ok
  total_m3 = 28504.27
END
for program in shared static; do
    LD_LIBRARY_PATH=$lib "$dir/$program" "$gas" >"$dir/all"
    head -n 2 "$dir/all" >"$dir/got"
    diff "$dir/expected" "$dir/got" || fail "the $program example prints something else"
done
readelf -d "$dir/shared" | grep -q 'NEEDED.*libwmbus-decode' || fail "the shared one is not shared"
readelf -d "$dir/static" | grep -q 'NEEDED.*libwmbus-decode' && fail "the static one is not static"

# Nothing but the public functions, so that no name of ours is in anybody's way.
public=$(sed -n 's/.* \**\(wmbus_[a-z_]*\)(.*/\1/p' "$dir/moved/include/wmbus_decode.h" | sort)
shown()
{
    nm --defined-only --extern-only "$@" | awk 'NF == 3 { print $3 }' | grep -v '^__' | sort -u
}
[ "$(shown -D "$lib/libwmbus-decode.so")" = "$public" ] || fail "libwmbus-decode.so shows other names"
[ "$(shown "$lib/libwmbus-decode.a")" = "$public" ] || fail "libwmbus-decode.a shows other names"

# What would make it depend on the program around it: on its locale (strtod reads "6,4" in German),
# on files, clocks, threads.
nm -D --undefined-only "$lib/libwmbus-decode.so" |
    grep -wE 'strto(d|f|ld)|atof|localeconv|setlocale|s?scanf|f?open|clock_gettime|time|pthread_create' &&
    fail "libwmbus-decode.so uses what is outside"
exit 0
