#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds for ARM computers and runs that here, by qemu: the kernels against their definition, what
# reads bytes and numbers, and the receiver on recordings, which must give the same telegrams as on
# this computer. scripts/check_arm.sh [arm64|armhf|armel]... [FILE]...: without an architecture all
# of them (64 bits; 32 bits with NEON; 32 bits without, as a Pi Zero has it); FILEs are more
# recordings.
set -eu
cd "$(dirname "$0")/.."

libraries=$(sed -n 's/^build *\(lib[^ ]*-dev\) .*/\1/p' scripts/setup.sh | paste -sd, -)
tests='^(check_kernels|check_gate_kernels|check_cpfsk_kernels|test_cpfsk_trellis|test_crc16|test_crypto|test_data_type|test_decimal|test_decoder|test_decoder_fragments|test_dll|test_framer|test_line|test_record|test_security|test_spectrum)$'
measured='rssi_dbfs|noise_dbfs|snr_db|offset_hz|chip_rate_cps|deviation_hz'

say()
{
    echo "check_arm: $*" >&2
}

# $1 architecture. The libraries of Debian for it, unpacked in the build tree; nothing is installed.
make_sysroot()
{
    made="relative links: $libraries" # what a folder must say that it holds
    [ "$(cat "build/sysroot-$1/list" 2>/dev/null)" != "$made" ] || return 0
    rm -rf build/sysroot-new "build/sysroot-$1"
    mkdir -p build
    say "unpacking Debian's libraries for $1"
    mmdebstrap --quiet --variant=extract --architectures="$1" --include="$libraries" bookworm \
        build/sysroot-new http://deb.debian.org/debian >&2
    # an absolute link, such as libm.so's, would lead to this computer's files
    find build/sysroot-new -type l -lname '/*' | while read -r link; do
        ln -sfnr "build/sysroot-new$(readlink "$link")" "$link"
    done
    echo "$made" >build/sysroot-new/list
    mv build/sysroot-new "build/sysroot-$1"
}

build()
{
    cmake --preset "$1" >/dev/null
    cmake --build --preset "$1" -- --quiet
}

# $1 architecture: the command in front of a program of it.
emulator()
{
    case $1 in
    arm64) echo "qemu-aarch64 -cpu cortex-a72 -L build/sysroot-$1" ;;
    armhf) echo "qemu-arm -cpu cortex-a7 -L build/sysroot-$1" ;;
    armel) echo "qemu-arm -cpu arm1176 -L build/sysroot-$1" ;;
    esac
}

# $1 command, $2 modes, $3 recording: its telegrams, without what was measured of them, whose last
# digit depends on the order of sums.
telegrams()
{
    # shellcheck disable=SC2086 # a command and its arguments
    $1 --modes "$2" "$3" 2>/dev/null | sed -E "s/\"($measured)\":[^,]*,//g"
}

# $1 architecture, $2 modes, $3 recording
compare()
{
    telegrams build/release/bin/wmbus-rx "$2" "$3" >build/native.txt
    telegrams "$(emulator "$1") build/$1/bin/wmbus-rx" "$2" "$3" >"build/$1.txt"
    if ! diff build/native.txt "build/$1.txt"; then
        say "$3: the telegrams of $1 differ from those of this computer"
        return 1
    fi
    say "$1, $3, modes $2: $(wc -l <build/native.txt) telegrams, the same as here"
}

check()
{
    arch=$1
    shift
    make_sysroot "$arch"
    build "$arch"
    ctest --test-dir "build/$arch" --timeout 300 -j "$(nproc)" --no-tests=error -R "$tests"
    for recording in test_vectors/iq/*.cu8 test_vectors/iq/*.cs16 ../shared/captures/*.cu8 "$@"; do
        [ ! -e "$recording" ] || compare "$arch" T,C1 "$recording"
    done
    compare "$arch" all test_vectors/iq/modes_868.95M_1600k.cu8
}

architectures=
while [ $# -gt 0 ]; do
    case $1 in
    arm64 | armhf | armel) architectures="$architectures $1" ;;
    *) break ;;
    esac
    shift
done
for file in "$@"; do
    [ -f "$file" ] || { echo "usage: scripts/check_arm.sh [arm64|armhf|armel]... [FILE]...: no file $file" >&2; exit 2; }
done
scripts/setup.sh build arm
build release
for arch in ${architectures:-arm64 armhf armel}; do
    check "$arch" "$@"
done
say "all the same"
