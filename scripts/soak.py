#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs wmbus-rx, for an hour if nothing else is said, on a dense street at the speed of the air, from a
small rtl_tcp server, with all outputs on: files, an MQTT broker, a ZeroMQ subscriber that hangs. Prints
memory and lost samples once a minute; ends with 0 only if memory did not grow once the queue for that
subscriber was full, which takes some minutes, no sample was lost, and all telegrams came. Needs
mosquitto, and the programs of the preset "release"."""
import argparse
import signal
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from all_outputs import BIN, AllOutputs, all_stats, dense_street_here  # noqa: E402
from rtl_tcp_server import RtlTcpServer  # noqa: E402

MOST_GROWTH_KB = 256  # of the median; pages that the kernel gives and takes


def rss_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return next((int(line.split()[1]) for line in f if line.startswith("VmRSS")), 0)  # 0: it has ended


def watch(rx, seconds):
    """Memory, once a second, from when on the subscriber's queue was full."""
    memory, settled, start = [], 0, time.monotonic()
    while time.monotonic() - start < seconds and rx.poll() is None:
        time.sleep(1)
        memory.append(rss_kb(rx.pid))
        stats = (all_stats() or [None])[-1] if len(memory) % 60 == 30 else None
        if stats:
            print("%3d min: %6d kB, %d telegrams, %d samples lost, %.1f %% of a core, queues: %s" % (
                len(memory) // 60, memory[-1], stats["frames_ok"], stats["samples_lost"],
                100 * stats["cpu_share"],
                ", ".join("%s %.2f" % (o["output"], o["queue_fill"]) for o in stats["outputs"])),
                flush=True)
            if not any(o["lost"] for o in stats["outputs"] if o["output"] == "zmq"):
                settled = len(memory)
    return memory[settled + 60:]


def run(samples, minutes):
    with AllOutputs() as outputs, RtlTcpServer(samples) as server, open("said.txt", "w") as said:
        rx = subprocess.Popen([BIN + "/wmbus-rx", *outputs.options, "-g", "30", server.address], stderr=said)
        time.sleep(5)
        outputs.hang(outputs.subscriber)
        memory = watch(rx, 60 * minutes)
        rx.send_signal(signal.SIGTERM)
        return rx.wait(timeout=10), memory


def judge(exit_code, memory, all_told, n_lines):
    stats = all_told[-1]
    third = len(memory) // 3
    before, after = ((statistics.median(part) for part in (memory[:third], memory[-third:]))
                     if third else (0, float("inf")))
    print("%.1f minutes, %d samples, %d of them lost; %d telegrams of %d meters, %d lines of JSON; "
          "%.1f %% of a core; memory %d kB, %.1f minutes later %.0f kB" % (
              stats["samples"] / 1.6e6 / 60, stats["samples"], stats["samples_lost"], stats["frames_ok"], len(stats["meters"]),
              n_lines, 100 * statistics.mean(o["cpu_share"] for o in all_told), before, third / 30, after))
    for output in stats["outputs"]:
        print("output %s: %d lost %s" % (output["output"], output["lost"], output.get("trouble", "")))
    bad = [text for wrong, text in (
        (exit_code != 0, "it ended with %d" % exit_code),
        (after > before + MOST_GROWTH_KB, "memory grows, or it was too short a run to say"),
        (stats["samples_lost"] > 0, "samples were lost"),
        (n_lines != stats["frames_ok"], "telegrams were lost"),
        (any(o["lost"] for o in stats["outputs"] if o["output"] != "zmq"), "an output lost messages")) if wrong]
    print("soak: " + ("; ".join(bad) if bad else "well: no growth of memory, no lost sample"))
    return not bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=60, help="default: 60")
    minutes = parser.parse_args().minutes
    with dense_street_here() as samples:
        exit_code, memory = run(samples, minutes)
        with open("said.txt") as said, open("telegrams.jsonl") as telegrams:
            print(said.read(), end="")
            well = judge(exit_code, memory, all_stats(), sum(1 for _ in telegrams))
    sys.exit(not well)


main()
