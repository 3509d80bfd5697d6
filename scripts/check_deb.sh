#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the Debian package and tries it in an empty Debian 12: install, receive, remove, purge; what
# stays behind is a failure. Needs root or sudo, and a mirror: scripts/check_deb.sh [MIRROR], default
# the one apt uses. The package lies in build/release.
set -eu
case "$#${1-}" in
0 | 1[!-]*) ;;
*) echo "usage: scripts/check_deb.sh [MIRROR]" >&2 && exit 2 ;;
esac
cd "$(dirname "$0")/.."

say()
{
    echo "check_deb: $*" >&2
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

inside()
{
    as_root chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# Everything that a package can leave behind; lists and logs of the package system are its own, the
# backups /etc/shadow- ... those of adduser.
files()
{
    as_root find "$root" -xdev \( -path "$root/proc" -o -path "$root/var/lib/dpkg" -o \
        -path "$root/var/cache" -o -path "$root/var/lib/apt" -o -path "$root/var/log" \
        -o -path "$root/tmp" -o -path "$root/run" -o -path "$root/etc/*-" \) -prune -o -print | sort
}

scripts/setup.sh build package
cmake --preset release >/dev/null
cmake --build --preset release -- --quiet
rm -f build/release/wmbus-sdr_*.deb
(cd build/release && cpack >cpack.log 2>&1) || {
    cat build/release/cpack.log
    exit 1
}
deb=$(ls build/release/wmbus-sdr_*.deb)
say "made $deb"

root=$(mktemp -d)
trap 'as_root rm -rf "$root"' EXIT
mirror=${1:-$(awk '$1 == "deb" { print $2; exit } $1 == "URIs:" { print $2; exit }' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true)}
say "an empty Debian 12 from ${mirror:=http://deb.debian.org/debian}"
as_root debootstrap --variant=minbase bookworm "$root" "$mirror" >build/debootstrap.log 2>&1 || {
    tail -5 build/debootstrap.log
    exit 1
}
as_root cp "$deb" "$root/tmp/wmbus-sdr.deb"

# What it depends on stays, so that only its own files are compared; systemd judges the service.
# shellcheck disable=SC2046 # one word a package
inside apt-get -q -y --no-install-recommends install systemd procps $(dpkg-deb -f "$deb" Depends |
    sed 's/([^)]*)//g; s/,/ /g') >build/check_deb.log 2>&1
files >build/files_before.txt

say "install"
inside apt-get -q -y install /tmp/wmbus-sdr.deb >>build/check_deb.log 2>&1
inside id wmbus-sdr
inside stat -c '%U:%G %a' /etc/wmbus-sdr/wmbus.yaml | grep -qx 'root:wmbus-sdr 640'
inside wmbus-rx --config /etc/wmbus-sdr/wmbus.yaml --check-config 2>build/check_deb.said
cat build/check_deb.said >&2
test ! -s build/check_deb.said # before the first start nothing is to be warned of
inside systemd-analyze verify --man=no /usr/lib/systemd/system/wmbus-sdr.service
inside systemd-analyze security --offline=yes --threshold=20 wmbus-sdr.service | tail -1

say "receive"
inside sh -c 'wmbus-gen -n 3 -o /tmp/t_868.95M_1600k.cu8 && wmbus-rx /tmp/t_868.95M_1600k.cu8 2>/dev/null' |
    grep -c '"telegram"' | grep -qx 3
inside wmbus-rx --version

say "remove and purge"
inside apt-get -q -y remove wmbus-sdr >>build/check_deb.log 2>&1
inside test -f /etc/wmbus-sdr/wmbus.yaml
inside apt-get -q -y purge wmbus-sdr >>build/check_deb.log 2>&1
files >build/files_after.txt
diff build/files_before.txt build/files_after.txt || {
    say "these files stayed behind, or went with it"
    exit 1
}
if inside getent passwd wmbus-sdr; then
    say "the user wmbus-sdr stayed behind"
    exit 1
fi
say "all well"
