# SPDX-License-Identifier: MIT
"""A recording of the street of the test vectors in which each meter sends many times as often."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("WMBUS_BIN_DIR", ROOT + "/build/release/bin")
RATE_SPS, CENTER = 1.6e6, "868.625M"


def make(path, denser, seconds):
    """Writes the samples to path, and what is sent to scene.jsonl beside it."""
    scene = os.path.join(os.path.dirname(os.path.abspath(path)), "scene.jsonl")
    with open(ROOT + "/test_vectors/street/scene.jsonl") as f, open(scene, "w") as to:
        for line in f:
            sent = json.loads(line)
            for key in "every_s", "jitter_s", "time_s":
                if key in sent:
                    sent[key] /= denser
            to.write(json.dumps(sent) + "\n")
    subprocess.run([BIN + "/wmbus-gen", "--scene", scene, "--duration", str(seconds), "-f", CENTER, "-s",
                    str(RATE_SPS), "--noise", "1.5", "--seed", "7", "-o", path], check=True)
