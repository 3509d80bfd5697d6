# SPDX-License-Identifier: MIT
"""What the tests of the programs share: they run them on a recording of one gas meter in a folder of
their own."""
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest

import jsonschema

SOURCE = os.environ["WMBUS_SOURCE_DIR"]
BIN = os.environ["WMBUS_BIN_DIR"]
GAS = "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3"
KEY = "0102030405060708090A0B0C0D0E0F11"
WATER_B = "1444AE0C7856341201078C2027780B134365877AC5"
WATER = "1244AE0C7856341201078C2027780B13436587"
STREET = "street_20240131_123456_868.95M_1600k.cu8"
MEASURED = ("time_s", "timestamp", "rssi_dbfs", "noise_dbfs", "snr_db", "offset_hz", "chip_rate_cps",
            "deviation_hz", "mended")
# The programs under test may be a sanitized, slow build, on a computer that has much else to do.
TIMEOUT_S = 300
SKIPPED = 77  # the exit code that ctest takes for it

with open(SOURCE + "/apps/telegram.schema.json") as schema_file:
    SCHEMA = json.load(schema_file)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def run(program, *args, stdin=b"", **options):
    if "stdout" not in options:
        options["stdout"] = subprocess.PIPE
    return subprocess.run([BIN + "/" + program, *args], input=stdin, stderr=subprocess.PIPE,
                          timeout=TIMEOUT_S, check=False, **options)


class Background(subprocess.Popen):
    """A process beside the test, killed after TIMEOUT_S: who waits for what it never says hears its end."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        watchdog = threading.Timer(TIMEOUT_S, self.kill)
        watchdog.daemon = True
        watchdog.start()

    def rest(self):
        """What it says until its end, behind what was read before: standard output and error, which is short."""
        out = self.stdout.read() if self.stdout else b""
        error = self.stderr.read() if self.stderr else b""
        self.wait()
        return out, error


class SamplesLost(AssertionError):
    """What happens to a live source on a computer that is too busy, and is no fault of the program."""


def computer_is_busy():
    """Does somebody who computes get much less than a core?"""
    start_s, used_s = time.monotonic(), time.thread_time()
    while time.monotonic() < start_s + 0.5:
        pass
    return time.thread_time() - used_s < 0.4


def in_a_calm_moment(attempt, tries=5):
    """At least one of some attempts must lose no sample; one that fails for another reason fails at once.
    A computer that is too busy each time tells nothing."""
    calm = busy = 0
    while True:
        try:
            return attempt()
        except SamplesLost:
            is_busy = computer_is_busy()
            calm, busy = calm + (not is_busy), busy + is_busy
            if calm == tries:
                raise
            if busy == tries:
                raise unittest.SkipTest("this computer is too busy to follow the air")


def read_file(path):
    with open(path, "rb") as f:
        return f.read()


def lines(result):
    """Every line a JSON object as the schema says."""
    objects = [json.loads(line) for line in result.stdout.decode().splitlines()]
    for o in objects:
        VALIDATOR.validate(o)
    return objects


class Street(unittest.TestCase):
    """Tests in a folder that holds the recording STREET, which is also self.street, and meters.yaml with the
    meter's key."""
    METER = "  - name: Küche\n    id: 12345678\n    key: %s\n" % KEY

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="wmbus_e2e_")
        os.chdir(cls.folder.name)
        cls.generate(STREET, "--snr", "25", "--seed", "1", GAS)
        cls.street = read_file(STREET)
        with open("meters.yaml", "w") as f:
            f.write("meters:\n" + cls.METER)
        os.chmod("meters.yaml", 0o600)

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.folder.cleanup()

    @staticmethod
    def generate(path, *args):
        made = run("wmbus-gen", "-o", path, *args)
        assert made.returncode == 0, made.stderr

    def check(self, result, exit_code, says=""):
        error = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, error)
        self.assertIn(says, error)
        self.assertNotIn("Sanitizer", error)
