#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-decode from outside: telegrams as text in, JSON and words out."""
import json
import os
import pty
import random
import subprocess
import unittest

from programs import Background, BIN, GAS, KEY, SOURCE, Street, TIMEOUT_S, WATER, WATER_B, lines, run


class Decode(Street):
    def test_analyze(self):
        result = run("wmbus-decode", "--analyze", "-k", KEY, GAS)
        self.check(result, 0)
        self.assertIn(b"\n+  19  27 04 85 02              data     total_m3 = 28504.27, volume_m3", result.stdout)
        self.assertNotIn(b"\033", result.stdout)
        closed = run("wmbus-decode", "--analyze", GAS)
        self.check(closed, 0)
        self.assertIn(b"\n#  15  59 23 c9 5a", closed.stdout)
        self.assertNotIn(b"28504", closed.stdout)

    def test_analyze_in_colour(self):
        for no_colour, coloured in ("", True), ("1", False):
            with self.subTest(no_colour=no_colour):
                ours, terminal = pty.openpty()
                result = run("wmbus-decode", "--analyze", WATER, stdout=terminal,
                             env={**os.environ, "NO_COLOR": no_colour})
                os.close(terminal)
                self.check(result, 0)
                self.assertEqual(b"\033[1mdata link layer" in os.read(ours, 100000), coloured)
                os.close(ours)

    def test_standard_input_by_its_name(self):
        self.assertEqual(run("wmbus-decode", "-", stdin=WATER.encode()).stdout, run("wmbus-decode", WATER).stdout)

    def test_what_is_read_is_never_written(self):
        with open("telegrams", "w") as file:
            file.write(WATER + "\n")
        with open("telegrams", "rb") as read, open("telegrams", "ab") as written:
            result = subprocess.run([BIN + "/wmbus-decode"], stdin=read, stdout=written, stderr=subprocess.PIPE,
                                    timeout=TIMEOUT_S, check=False)
        self.check(result, 2, "standard input is the file that standard output goes to")
        with open("telegrams") as file:
            self.assertEqual(file.read(), WATER + "\n")

    def test_usage(self):
        with open("telegrams", "w") as file:
            file.write(WATER + "\n")
        self.check(run("wmbus-decode", "telegrams"), 2, "telegrams is a file, and no telegram; its lines are read with")
        self.check(run("wmbus-decode", "--analyze", "--propose-driver", WATER), 2, "one at a time")
        self.check(run("wmbus-decode", "--check-driver", SOURCE + "/decode/meters/abbb23.yaml", WATER), 2,
                   "takes the telegrams in its file, no others")
        os.rename("telegrams", WATER)  # a telegram all the same
        self.check(run("wmbus-decode", WATER), 0)
        os.remove(WATER)

    def test_propose_driver(self):
        result = run("wmbus-decode", "--propose-driver", "-k", KEY, GAS)
        self.check(result, 0)
        self.assertIn(b"  volume_m3: volume\n", result.stdout)
        self.assertNotIn(KEY.encode(), result.stdout)
        with open("els_33_03.yaml", "wb") as f:
            f.write(result.stdout)
        self.check(run("wmbus-decode", "--check-driver", "els_33_03.yaml"), 0)
        self.check(run("wmbus-decode", "--check-driver", "/tmp"), 3, "cannot read /tmp: Is a directory")
        self.check(run("wmbus-decode", "--propose-driver", GAS), 2, "was not read: no_key; say it")

    def test_drivers(self):
        telegram = "10443146785634120F0778" + "041308190000"
        text = ("driver: mine\nmeters: [QQQ 0F 07]\nuse: [common]\nfields: { cold_m3: volume }\n"
                "tests:\n  - telegram: %s\n    readings: { cold_m3: %s }\n")
        os.makedirs("drivers", exist_ok=True)
        with open("drivers/mine.yaml", "w") as f:
            f.write(text % (telegram, "6.408"))
        with open("wrong.yaml", "w") as f:
            f.write(text % (telegram, "6.409"))
        with open("broken.yaml", "w") as f:
            f.write(text.replace("volume", "wolume") % (telegram, "6.408"))

        got = lines(run("wmbus-decode", "--drivers", "drivers", telegram))[0]
        self.assertEqual((got["meter"], got["cold_m3"]), ("mine", 6.408))
        self.assertNotIn("volume_m3", got)
        got = lines(run("wmbus-decode", telegram))[0]
        self.assertEqual((got["meter"], got["volume_m3"], got["total_m3"]), ("unknown", 6.408, 6.408))
        got = lines(run("wmbus-decode", "--driver", "none", telegram))[0]
        self.assertEqual((got["meter"], got["volume_m3"]), ("unknown", 6.408))
        self.assertNotIn("total_m3", got)
        got = lines(run("wmbus-decode", "--driver", "kamwater", "--records", telegram))[0]
        self.assertEqual((got["meter"], got["records"][0]["name"]), ("kamwater", "volume_m3"))
        self.check(run("wmbus-decode", "--driver", "nothing", telegram), 2, "no driver nothing")
        self.check(run("wmbus-decode", "--drivers", "nowhere", telegram), 3, "nowhere")

        self.check(run("wmbus-decode", "--check-driver", "drivers/mine.yaml"), 0)
        result = run("wmbus-decode", "--check-driver", "wrong.yaml")
        self.check(result, 3, "does not pass")
        self.assertIn(b"wrong.yaml:7: cold_m3: expected 6.409, got 6.408", result.stdout)
        self.check(run("wmbus-decode", "--check-driver", "broken.yaml"), 3,
                   "broken.yaml:4: field cold_m3: unknown quantity")

    def test_decode_forms(self):
        text = "\n".join([
            WATER_B, "", WATER, "water", "{\"n\":3,\"telegram\":\"%s\"}" % WATER,
            "C1;1;1;2019-04-03 19:00:42.000;97;148;12345678;0x" + WATER,
            "{\"n\":5,\"telegram\":\"%s\",\"key\":\"%s\"}" % (GAS, KEY),
            "{\"n\":6,\"telegram\":\"%s\",\"key\":null}" % GAS,
            "{\"n\":7,\"telegram\":\"00\"}", "0" * 200000, "\xff\xfe", "a\0b", WATER])
        result = run("wmbus-decode", stdin=text.encode("latin-1"))
        self.check(result, 0)
        got = lines(result)
        self.assertEqual([o.get("n") for o in got],
                         [None, None, None, 3, None, 5, 6, 7, None, None, None, None])
        self.assertEqual(["input_error" in o for o in got],
                         [False, False, True, False, False, False, False, True, True, True, True, False])
        self.assertEqual([o.get("format") for o in got[:2]], ["B", None])
        self.assertEqual(got[4]["mode"], "C1")
        self.assertEqual(got[5]["volume_m3"], 28504.27)
        self.assertEqual(got[6]["reason"], "no_key")
        self.assertIn(b'"volume_m3":876.543}', result.stdout)
        self.assertNotIn(KEY.encode(), result.stdout + result.stderr)

    def test_decode_wired(self):
        gas = "68202068" "08FD7278563412931533032A0000000C1427048502046D32371F1502FD170000" "8916"
        got = lines(run("wmbus-decode", "E5", "105BFD5816", gas, gas.replace("8916", "8816")))
        self.assertEqual([o.get("format") for o in got], ["wired", "wired", "wired", None])
        self.assertEqual([o.get("dll_function") for o in got], [None, "REQ-UD2", "RSP-UD", None])
        self.assertEqual([o.get("telegram") for o in got[:3]], ["e5", "105bfd5816", gas.lower()])
        self.assertEqual([o.get("id") for o in got], [None, None, "12345678", None])
        self.assertEqual(got[2]["volume_m3"], 28504.27)
        self.assertIn("checksum", got[3]["input_error"])

    def test_decode_input_that_cannot_be_read(self):
        for redirection in "</tmp", "<&-":
            result = subprocess.run(["sh", "-c", 'exec "$0" ' + redirection, BIN + "/wmbus-decode"],
                                    capture_output=True, timeout=TIMEOUT_S, check=False)
            self.check(result, 14, "cannot read standard input: ")
            self.assertEqual(result.stdout, b"", redirection)

    def test_decode_formats_and_codes(self):
        full = "12449315785634123303" "78" "840113" "2A000000"
        compact = "12449315785634123303" "79%s0000" "2B000000"
        got = lines(run("wmbus-decode", "--formats", "formats.txt", full))
        self.assertEqual(got[0]["volume_storage_2_m3"], 0.042)
        with open("formats.txt") as f:
            headers, signature = f.read().splitlines()[1].split(" # ")
        self.assertEqual(headers, "840113")
        compact %= signature[2:] + signature[:2]
        got = lines(run("wmbus-decode", compact))
        self.assertEqual(got[0]["reason"], "waiting_format")
        got = lines(run("wmbus-decode", "--obis", "--formats", "formats.txt", compact))
        self.assertEqual(got[0]["volume_storage_2_m3"], 0.043)
        self.assertEqual(got[0]["codes"], {"volume_storage_2_m3": "7-0:3.0.0*02"})
        with open("formats.txt", "w") as f:
            f.write("# none\n04\n")
        self.check(run("wmbus-decode", "--formats", "formats.txt", full), 3, "formats.txt:2")
        self.check(run("wmbus-decode", "--formats", "nowhere/formats.txt", full), 5, "cannot write")
        reader, writer = os.pipe()
        os.close(reader)
        self.check(run("wmbus-decode", "--formats", "more.txt", full, stdout=writer), 0)
        os.close(writer)
        with open("more.txt") as f:
            self.assertIn("840113 # ", f.read())

    def test_decode_key_for_all(self):
        got = lines(run("wmbus-decode", "--key", KEY, GAS, "x", WATER))
        self.assertEqual([o.get("volume_m3") for o in got], [28504.27, None, 876.543])

    def test_decode_answers_line_by_line(self):
        with Background([BIN + "/wmbus-decode"], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE) as decode:
            for _ in range(3):
                decode.stdin.write((WATER + "\n").encode())
                decode.stdin.flush()
                self.assertEqual(json.loads(decode.stdout.readline())["volume_m3"], 876.543)
            decode.stdin.close()
            self.assertEqual(decode.wait(timeout=TIMEOUT_S), 0)

    def test_decode_random_lines(self):
        chance = random.Random(3)
        text = b"".join(chance.choice([b"{", b"0", b"1;", b"\"", b"telegram", b"\n", b"\0", b"44"])
                        for _ in range(20000))
        result = run("wmbus-decode", stdin=text)
        self.check(result, 0)
        self.assertGreater(len(lines(result)), 1000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
