# SPDX-License-Identifier: MIT
"""What wmbus-rx needs for all of its outputs at once: a folder for their files, a broker, a subscriber."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [ROOT + "/apps/tests", ROOT + "/bench"]
import dense_street  # noqa: E402
from dense_street import BIN  # noqa: E402

DENSER, RECORDING_S = 20, 20


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def dense_street_here():
    """In a folder of its own: the samples, and meters.yaml with the keys."""
    with tempfile.TemporaryDirectory(prefix="wmbus_outputs_") as folder:
        os.chdir(folder)
        dense_street.make("street.cu8", DENSER, RECORDING_S)
        shutil.copy(ROOT + "/test_vectors/street/meters.yaml", "meters.yaml")
        os.chmod("meters.yaml", 0o600)
        with open("street.cu8", "rb") as f:
            yield f.read()
        os.chdir("/")


class AllOutputs:
    def __init__(self):
        broker_port, zmq = free_port(), "tcp://127.0.0.1:%d" % free_port()
        self.options = ["-c", "meters.yaml", "-o", "json:telegrams.jsonl", "-o", "rtlwmbus:lines.txt",
                        "-o", "table:table.txt", "-o", "stats:stats.jsonl", "-o", "zmq:" + zmq,
                        "-o", "mqtt:127.0.0.1,port=%d" % broker_port]
        with open("broker.conf", "w") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\n" % broker_port)
        path = "/usr/sbin:/usr/local/sbin:" + os.environ["PATH"]
        # in sessions of their own: a stopped process in ours would have all of us hung up when the shell ends
        self.broker = subprocess.Popen([shutil.which("mosquitto", path=path), "-c", "broker.conf"],
                                       stderr=subprocess.DEVNULL, start_new_session=True)
        self.subscriber = subprocess.Popen([BIN + "/wmbus-watch", zmq], stdout=subprocess.DEVNULL,
                                           start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.broker, self.subscriber:
            process.kill()
            process.wait()

    @staticmethod
    def hang(*processes):
        for process in processes:
            process.send_signal(signal.SIGSTOP)


def all_stats():
    """Of the file that wmbus-rx writes."""
    with open("stats.jsonl") as f:
        return [o for o in map(json.loads, f) if "sources" in o]
