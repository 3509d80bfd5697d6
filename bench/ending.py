#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long wmbus-rx takes to end after SIGTERM while its broker, its ZeroMQ subscriber and the reader of its
standard output hang, on a dense street at the speed of the air. Ends with 0 only if the files hold every
telegram. Needs mosquitto, and the programs of the preset "release"."""
import argparse
import os
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path[:0] = [ROOT + "/scripts"]
from all_outputs import BIN, AllOutputs, all_stats, dense_street_here  # noqa: E402
from rtl_tcp_server import RtlTcpServer  # noqa: E402

HEARD_S, HANGING_S, LIMIT_S = 5, 5, 60


def count_lines(path):
    with open(path) as f:
        return sum(1 for _ in f)


def end_once(samples):
    """The seconds it took, and how many telegrams were heard but are in a file not."""
    for path in "telegrams.jsonl", "lines.txt", "stats.jsonl", "table.txt":
        if os.path.exists(path):
            os.remove(path)
    with AllOutputs() as outputs, RtlTcpServer(samples) as server, open("said.txt", "w") as said:
        rx = subprocess.Popen([BIN + "/wmbus-rx", *outputs.options, "-o", "json", "-g", "30", server.address],
                              stdout=subprocess.PIPE, stderr=said)
        time.sleep(HEARD_S)
        outputs.hang(outputs.broker, outputs.subscriber)
        time.sleep(HANGING_S)
        start_s = time.monotonic()
        rx.send_signal(signal.SIGTERM)
        rx.wait(timeout=LIMIT_S)
        took_s = time.monotonic() - start_s
        rx.stdout.close()
    heard = all_stats()[-1]["frames_ok"]
    return took_s, heard, [heard - count_lines(path) for path in ("telegrams.jsonl", "lines.txt")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="?", type=int, default=3, help="default: 3")
    runs = parser.parse_args().runs
    if runs < 1:
        parser.error("expected at least one run")
    well = True
    with dense_street_here() as samples:
        for _ in range(runs):
            took_s, heard, missing = end_once(samples)
            print("%.2f s from SIGTERM to the end; %d telegrams heard, %s of them not in the files" % (
                took_s, heard, " and ".join(map(str, missing))), flush=True)
            well &= heard > 0 and not any(missing)
    sys.exit(not well)


main()
