#!/bin/sh
# SPDX-License-Identifier: MIT
# The demonstration: generates a recording of a street of meters, and shows the readings that
# wmbus-rx finds in it, as a subscriber of its socket sees them. Installs and builds what it needs.
set -eu
[ $# -eq 0 ] || { echo "usage: scripts/demo.sh, without arguments" >&2; exit 2; }
cd "$(dirname "$0")/.."

bin=build/release/bin
out=build/demo
recording=$out/street_868.625M_1600k.cu8
truth=$out/street.truth.jsonl
messages=$out/messages.jsonl
address=tcp://127.0.0.1:${WMBUS_DEMO_PORT:-5555}

say()
{
    echo "demo: $*" >&2
}

say "1. the packages it is built with"
scripts/setup.sh build

say "2. build"
cmake --preset release >/dev/null
cmake --build --preset release -- --quiet

say "3. a recording: 20 seconds of a street of 15 meters, generated, with noise, carrier offsets and"
say "   chip clocks that are wrong as those of real meters are"
mkdir -p "$out"
$bin/wmbus-gen --scene test_vectors/street/scene.jsonl --duration 20 -f 868.625M -s 1600k \
    --noise 1.5 --dc 0.7,-0.4 --seed 7 -o "$recording" -t "$truth"
# Keys are nobody else's business; wmbus-rx says so if others can read them.
install -m 600 test_vectors/street/meters.yaml "$out/meters.yaml"

say "4. wmbus-rx decodes it and publishes on $address; wmbus-watch subscribes:"
$bin/wmbus-watch --idle 2 "$address" &
watch=$!
trap 'kill $watch 2>/dev/null || true' EXIT
$bin/wmbus-rx -c "$out/meters.yaml" --zmq "$address" --zmq-wait 1 "$recording" >"$messages"
[ -s "$messages" ] || {
    say "nothing was received"
    exit 1
}
wait $watch
trap - EXIT

say "5. sent: $(wc -l <"$truth") telegrams of $(cut -d'"' -f20 "$truth" | sort -u | wc -l) meters;" \
    "received: $(wc -l <"$messages")"
say "   as JSON, one line each, in $messages; the first:"
head -n 1 "$messages"
