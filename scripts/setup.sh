#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the Debian packages that wmbus-sdr is built, tested and checked with. Does nothing when
# all are there. scripts/setup.sh [build|test|tools|package|arm]...; without a word: the first three.
set -eu

# What it is for, package, why.
packages='
build gcc                 the C compiler
build libc6-dev           the C library
build cmake               describes the build
build ninja-build         runs the build
build pkg-config          finds fftw, zmq, json-c, yaml, librtlsdr and cmocka
build libcmocka-dev       unit tests; CMake asks for it whenever it configures
build libfftw3-dev        spectra and the search for the carrier offset
build libjson-c-dev       JSON with exact decimals
build libliquid-dev       filter design
build libmosquitto-dev    the MQTT output
build libncurses-dev     the live table of meters
build librtlsdr-dev       the RTL-SDR dongle
build libsoapysdr-dev     radios other than RTL-SDR dongles; optional
build libssl-dev          AES, CMAC and DES
build libsystemd-dev      notifies systemd; optional
build libyaml-dev         the configuration file
build libzmq3-dev         the output socket
build python3             runs the tests of the programs; CMake asks for it whenever it configures
test  clang               second compiler, and the fuzzers
test  libclang-rt-14-dev  sanitizer and fuzzer run-time of clang
test  gnuplot-nox         draws bursts
test  git                 tells the scripts which files are the project
test  mosquitto           the broker that the MQTT output is tested with
test  mosquitto-clients   hears what it was sent
test  openssl             makes certificates for that test
test  python3-jsonschema  checks the output against its schema
arm   gcc-aarch64-linux-gnu   cross compiler for 64-bit ARM
arm   gcc-arm-linux-gnueabi   cross compiler for ARM without vector unit
arm   gcc-arm-linux-gnueabihf cross compiler for 32-bit ARM
arm   mmdebstrap          unpacks the libraries of other architectures
arm   qemu-user           runs programs of other architectures
tools clang-format        checks the layout of the code
tools clang-tidy          looks for bugs
tools llvm                names in the stack traces of clang
tools shellcheck          checks the scripts
package debootstrap       an empty Debian in which the package is tried
package dpkg-dev          finds what the package depends on
package help2man          makes the man pages
'

say()
{
    echo "setup: $*" >&2
}

wanted()
{
    echo "$packages" | awk -v groups="$*" '
        BEGIN { n = split(groups, g, " "); for (i = 1; i <= n; i++) want[g[i]] = 1 }
        $1 in want { print $2 }'
}

missing()
{
    for package in $(wanted "$@"); do
        # shellcheck disable=SC2016 # dpkg-query's own variable
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            echo "$package"
    done
}

# As root, by sudo if need be. sudo forgets the environment, so env stands behind it.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

[ $# -gt 0 ] || set -- build test tools
for group in "$@"; do
    case $group in
    build | test | tools | package | arm) ;;
    *)
        say "unknown word '$group'; there are build, test, tools, package and arm"
        exit 2
        ;;
    esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is no Debian: install what stands in the list of packages in $0 by hand"
    exit 1
fi

need=$(missing "$@" | tr '\n' ' ')
if [ -z "$need" ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    say "these Debian packages are missing: $need"
    say "neither root nor sudo is at hand; as root type: apt-get update && apt-get install $need"
    exit 1
fi

say "installing Debian packages: $need"
as_root apt-get -q update >&2 || say "going on with the package lists at hand"
# shellcheck disable=SC2086 # one word a package
as_root apt-get -q -y --no-install-recommends install $need >&2
say "done"
