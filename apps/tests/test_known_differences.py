# SPDX-License-Identifier: MIT
"""scripts/known_differences.py marks what the list says, and nothing else."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts/known_differences.py"


def mark(*telegrams):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as corpus:
        corpus.writelines(json.dumps(t) + "\n" for t in telegrams)
        corpus.flush()
        out = subprocess.run([sys.executable, SCRIPT, corpus.name], check=True, text=True,
                             capture_output=True)
    return [json.loads(line).get("doubtful", []) for line in out.stdout.splitlines()]


def telegram(driver, **expected):
    return {"n": 1, "driver": driver, "id": "12345678", "expected": expected}


class KnownDifferences(unittest.TestCase):
    def test_value_decides(self):
        self.assertEqual(mark(telegram("sensostar", target_date="1999-11-30", total_kwh=1),
                              telegram("sensostar", target_date="2021-12-31"),
                              telegram("hydrus", target_date="1999-11-30")),
                         [["target_date"], [], []])

    def test_ten_times_zero_is_no_difference(self):
        self.assertEqual(mark(telegram("qwaterv2", volume_delta_2_m3=0, volume_delta_3_m3=0.5)),
                         [["volume_delta_3_m3"]])

    def test_null_and_what_was_doubtful_before(self):
        meter = telegram("ebzwmbe", current_power_consumption_kw=None, status="OK")
        meter["doubtful"] = ["status"]
        self.assertEqual(mark(meter), [["status", "current_power_consumption_kw"]])


if __name__ == "__main__":
    unittest.main()
