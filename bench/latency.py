#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long after the last chip of a telegram is in the air its line of JSON is read from a pipe, and
which share of a core that takes, of wmbus-rx --realtime on a dense street. Measures what else runs on
the machine, too: take the best of some."""
import argparse
import datetime
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import dense_street  # noqa: E402


def air_bytes(n, frame_format):
    """Of a frame of n bytes, L included, with its CRCs (EN 13757-4:2019, 12.3 and 12.4)."""
    if frame_format == "A":
        return n + 2 * (1 + math.ceil(max(n - 10, 0) / 16))
    return n + (2 if n <= 126 else 4)


def end_s(telegram):
    """When its last chip was sent, since 1970; of modes T and C."""
    first = datetime.datetime.fromisoformat(telegram["timestamp"].replace("Z", "+00:00")).timestamp()
    n = air_bytes(len(telegram["telegram"]) // 2, telegram["format"])
    chips = 10 + 12 * n if telegram["mode"][0] == "T" else 32 + 8 * n
    return first + chips / telegram["chip_rate_cps"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60, help="of the street; default: 60")
    parser.add_argument("modes", nargs="?", default="all",
                        help="as wmbus-rx has them; telegrams of T and C are measured; default: all")
    parser.add_argument("denser", nargs="?", type=float, default=10,
                        help="so many times as busy as a street is; default: 10")
    args = parser.parse_args()
    if args.seconds < 1 or args.denser <= 0:
        parser.error("expected at least one second, and a street that is busy")
    return args


def main():
    args = parse()
    with tempfile.TemporaryDirectory(prefix="wmbus_latency_") as folder:
        path = folder + "/street_868.625M_1600k.cu8"
        dense_street.make(path, args.denser, args.seconds)
        rx = subprocess.Popen([dense_street.BIN + "/wmbus-rx", "--realtime", "-m", args.modes, path],
                              stdout=subprocess.PIPE)
        late_ms = []
        for line in rx.stdout:
            now = time.time()
            telegram = json.loads(line)
            if telegram["mode"][0] in "TC":
                late_ms.append(1e3 * (now - end_s(telegram)))
        _, status, used = os.wait4(rx.pid, 0)
        rx.returncode = os.waitstatus_to_exitcode(status)
        if rx.returncode != 0:
            sys.exit(f"latency: wmbus-rx ended with {rx.returncode}")
    if not late_ms:
        sys.exit("latency: no telegram of T or C was heard")
    late_ms.sort()
    print(json.dumps({
        "modes": args.modes, "seconds": args.seconds, "telegrams": len(late_ms),
        "median_ms": round(statistics.median(late_ms), 1),
        "p99_ms": round(late_ms[math.ceil(0.99 * len(late_ms)) - 1], 1), "max_ms": round(late_ms[-1], 1),
        "cpu_share": round((used.ru_utime + used.ru_stime) / args.seconds, 4)}))


main()
