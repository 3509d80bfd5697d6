#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs wmbus-rx for an hour, or as many minutes as the first argument says, on a dense street at the
speed of the air, from a small rtl_tcp server, with all outputs on: files, an MQTT broker, a ZeroMQ
subscriber that hangs. Prints memory and lost samples once a minute; ends with 0 only if memory did
not grow once the queue for that subscriber was full, which takes some minutes, no sample was lost, and
all telegrams came. Needs mosquitto, and the programs of the preset "release"."""
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path[:0] = [ROOT + "/apps/tests", ROOT + "/bench"]
import dense_street  # noqa: E402
from dense_street import BIN  # noqa: E402
from rtl_tcp_server import RtlTcpServer  # noqa: E402

MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 60
DENSER, RECORDING_S = 20, 20
MOST_GROWTH_KB = 256  # of the median; pages that the kernel gives and takes


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def rss_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def all_stats():
    """Of the file that wmbus-rx writes."""
    with open("stats.jsonl") as f:
        return [o for o in map(json.loads, f) if "sources" in o]


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


def run(samples):
    broker_port, zmq_port = free_port(), free_port()
    shutil.copy(ROOT + "/test_vectors/street/meters.yaml", "meters.yaml")
    os.chmod("meters.yaml", 0o600)
    with open("broker.conf", "w") as f:
        f.write("listener %d 127.0.0.1\nallow_anonymous true\n" % broker_port)
    path = "/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]
    broker = subprocess.Popen([shutil.which("mosquitto", path=path), "-c", "broker.conf"],
                              stderr=subprocess.DEVNULL)
    # in a session of its own: a stopped process in ours would have all of us hung up when the shell ends
    subscriber = subprocess.Popen([BIN + "/wmbus-watch", "tcp://127.0.0.1:%d" % zmq_port],
                                  stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        with RtlTcpServer(samples) as server, open("said.txt", "w") as said:
            rx = subprocess.Popen([BIN + "/wmbus-rx", "-c", "meters.yaml", "-g", "30",
                                   "-o", "json:telegrams.jsonl", "-o", "rtlwmbus:lines.txt", "-o", "table:table.txt",
                                   "-o", "stats:stats.jsonl", "-o", "zmq:tcp://127.0.0.1:%d" % zmq_port,
                                   "-o", "mqtt:127.0.0.1,port=%d" % broker_port, server.address], stderr=said)
            time.sleep(5)
            subscriber.send_signal(signal.SIGSTOP)
            memory = watch(rx, 60 * MINUTES)
            rx.send_signal(signal.SIGTERM)
            return rx.wait(timeout=10), memory
    finally:
        subscriber.kill()
        broker.terminate()
        subscriber.wait()
        broker.wait()


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
    with tempfile.TemporaryDirectory(prefix="wmbus_soak_") as folder:
        os.chdir(folder)
        dense_street.make("street.cu8", DENSER, RECORDING_S)
        with open("street.cu8", "rb") as f:
            samples = f.read()
        exit_code, memory = run(samples)
        with open("said.txt") as said, open("telegrams.jsonl") as telegrams:
            print(said.read(), end="")
            well = judge(exit_code, memory, all_stats(), sum(1 for _ in telegrams))
        os.chdir("/")
    sys.exit(not well)


main()
