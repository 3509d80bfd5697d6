#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The outputs of wmbus-rx from outside."""
import json
import os
import pty
import re
import signal
import subprocess
import threading
import unittest

import jsonschema

from programs import (Background, BIN, GAS, KEY, SOURCE, STREET, Street, TIMEOUT_S, WATER_B, lines,
                      run)


class Outputs(Street):
    def test_several_at_once(self):
        plain = run("wmbus-rx", STREET).stdout
        result = run("wmbus-rx", "-o", "json:a.json", "-o", "rtlwmbus:b.txt", "-F", "json", STREET)
        self.check(result, 0)
        self.assertEqual(result.stdout, plain)
        with open("a.json", "rb") as f:
            self.assertEqual(f.read(), plain)
        with open("b.txt") as f:
            self.assertEqual(len(f.readlines()), 1)
        self.assertEqual(run("wmbus-rx", "-o", "json:-", STREET).stdout, plain)
        self.assertFalse(os.path.exists("-"))
        self.check(run("wmbus-rx", "-o", "json:a.json", STREET), 0)
        with open("a.json", "rb") as f:
            self.assertEqual(f.read(), plain * 2)  # appended

    def test_rtlwmbus(self):
        for telegram, mode in (GAS, "T1"), (GAS, "C1-A"), (GAS, "S1"), (WATER_B[:-4], "C1-B"):
            with self.subTest(mode=mode):
                made = run("wmbus-gen", "-o", "x_868.625M_1600k.cu8", "-f", "868.625M", "-m", mode,
                           "--snr", "25", telegram)
                self.assertEqual(made.returncode, 0, made.stderr)
                result = run("wmbus-rx", "-m", "all", "-F", "rtlwmbus", "x_868.625M_1600k.cu8")
                self.check(result, 0)
                (line,) = result.stdout.decode().splitlines()
                found = re.fullmatch(r"([TCS]1);1;1;(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6});(\d+);(\d+);"
                                     r"(\d{8});0x([0-9a-f]+)", line)
                self.assertIsNotNone(found, line)
                self.assertEqual(found[1], mode[:2])
                self.assertTrue(0 < int(found[4]) <= int(found[3]) < 256)
                (got,) = lines(run("wmbus-rx", "-m", "all", "x_868.625M_1600k.cu8"))
                self.assertEqual((found[5], found[6]), (got["id"], got["telegram"]))
                (again,) = lines(run("wmbus-decode", line))
                self.assertEqual(again["telegram"], got["telegram"])
        (line,) = run("wmbus-rx", "-F", "rtlwmbus", STREET).stdout.decode().splitlines()
        self.assertIn(";2024-01-31 12:34:56.03", line)

    def test_table(self):
        result = run("wmbus-rx", "-F", "table", "-c", "meters.yaml", STREET,
                     env={**os.environ, "TZ": "UTC"})
        self.check(result, 0)
        head, line = result.stdout.decode().splitlines()
        self.assertRegex(line, r"^12:34:56.03\d  Küche +ELS    gas +T1 +2[0-9.]+  total 28504.27 m³$")
        for title, cell in ("meter", "Küche"), ("maker", "ELS"), ("reading", "total"):
            self.assertEqual(head.index(title), line.index(cell))
        closed = run("wmbus-rx", "-F", "table", STREET).stdout.decode().splitlines()[1]
        self.assertTrue(closed.endswith("closed: no key"), closed)

    def test_configuration(self):
        example = SOURCE + "/packaging/wmbus.example.yaml"
        result = run("wmbus-rx", "--config", example, "--check-config")
        self.check(result, 0)
        self.assertTrue(result.stdout.endswith(b": 3 meters, 2 sources, 5 outputs\n"), result.stdout)
        self.check(run("wmbus-rx", "-c", SOURCE + "/packaging/wmbus.yaml", "--check-config"), 0)
        self.check(run("wmbus-rx", "--check-config"), 2, "--check-config needs --config")
        with open("all.yaml", "w") as f:
            f.write("sources: [%s]\noutputs:\n  - json\n  - table: t.txt\n  - mqtt:\n      port: x\n" % STREET)
        self.check(run("wmbus-rx", "-c", "all.yaml", "--check-config"), 3,
                   "all.yaml:6: mqtt: port: expected a number from 1 to 65535")
        for text, exit_code, says in (
                ("sources:\n- rtlsdr\n- street.wave\n", 3, "all.yaml:3: street.wave: the suffix names no format"),
                ("sources: ['rtl_tcp:a:65536']", 3, "all.yaml:1: rtl_tcp: a port 65536: expected a port up to"),
                ("sources:\n- rtlsdr\n- a.cu8\n", 3, "all.yaml:3: devices and recordings cannot be received together: "
                 "rtlsdr is a device, a.cu8 is none"),
                ("burst_limit: 3000000000\n", 3, "all.yaml:1: burst_limit: expected a whole number from 1 to 2147483647"),
                ("sources: [{source: rtlsdr, ppm: 1e300}]\n", 3, "all.yaml:1: ppm: expected -1000 to 1000"),
                ("channels:\n- T@434.475M\n- T\n", 3, "all.yaml:3: expected modes, @ and a frequency"),
                ("drivers: missing\n", 3, "missing")):
            with self.subTest(text=text):
                with open("all.yaml", "w") as f:
                    f.write(text)
                self.check(run("wmbus-rx", "-c", "all.yaml", "--check-config"), exit_code, says)
        with open("all.yaml", "w") as f:
            f.write("modes: S\nrecords: yes\n")
        self.check(run("wmbus-rx", "-c", "all.yaml", STREET), 0, " 0 telegrams")
        self.assertIn("records", lines(run("wmbus-rx", "-c", "all.yaml", "-m", "T", STREET))[0])
        with open("all.yaml", "w") as f:
            f.write("sources: [%s]\noutputs:\n  - json\n  - table: t.txt\n" % STREET)
        result = run("wmbus-rx", "-c", "all.yaml")
        self.check(result, 0)
        self.assertEqual(len(lines(result)), 1)
        with open("t.txt") as f:
            self.assertEqual(len(f.readlines()), 2)
        result = run("wmbus-rx", "doctor", "-c", "all.yaml")
        self.assertIn(b"telegrams of 1 meters", result.stdout)
        self.assertNotIn(b"{", result.stdout)
        result = run("wmbus-rx", "-c", "all.yaml", "-o", "rtlwmbus")  # the command line beats it
        self.assertEqual(result.stdout[:3], b"T1;")
        self.check(run("wmbus-rx", "-c", "all.yaml", "missing.cu8"), 14, "missing.cu8")

    def test_paths_of_a_service(self):
        """Where the configuration lets a service learn and record, others may read at most."""
        everything = "formats: %s/formats\nppm_file: %s/ppm\nrecord_bursts: %s/bursts\nmodes: S\n"
        with open("nowhere.yaml", "w") as f:
            f.write(everything.replace("%s", "nowhere"))
        for args in (), ("--threads", "2"):
            result = run("wmbus-rx", "-c", "nowhere.yaml", *args, STREET)
            self.check(result, 0)
            self.assertNotIn(b"warning", result.stderr)
        for args, source in ((), "cu8:868.95M:1600k:-"), (("--check-config",), "-"):
            result = run("wmbus-rx", "-c", "nowhere.yaml", *args, source, stdin=self.street)
            self.check(result, 0)
            for path in "nowhere/formats", "nowhere/ppm", "bursts to nowhere/bursts":
                self.assertIn("warning: nowhere.yaml: cannot write %s: No such" % path, result.stderr.decode())
        for option in "--formats", "--ppm-file", "--record-bursts":
            self.check(run("wmbus-rx", "-c", "nowhere.yaml", option, "nowhere/x", "-", stdin=self.street), 5,
                       "nowhere/x: No such file or directory")
        os.makedirs("state/bursts")
        with open("state.yaml", "w") as f:
            f.write(everything.replace("%s", "state").replace("modes: S", "burst_limit: 5"))
        for args in ("doctor",), ():
            self.assertNotIn(b"warning", run("wmbus-rx", *args, "-c", "state.yaml", STREET).stderr)
        live = "cu8:868.95M:1600k:-"
        self.assertNotIn(b"warning", run("wmbus-rx", "doctor", "-c", "state.yaml", live, stdin=self.street).stderr)
        self.assertEqual((os.listdir("state"), os.listdir("state/bursts")), (["bursts"], []))
        self.check(run("wmbus-rx", "-c", "state.yaml", live, stdin=self.street), 0)
        self.assertNotEqual(os.listdir("state/bursts"), [])  # there was something to record

    def test_meters(self):
        result = run("wmbus-rx", "meters", "-c", "meters.yaml", *[STREET] * 5)
        self.check(result, 0)
        self.assertEqual(result.stderr, b"")
        meter = json.loads(result.stdout)
        self.assertEqual((meter["name"], meter["id"], meter["seen"], meter["decrypted"]),
                         ("Küche", "12345678", 5, True))
        self.assertEqual(meter["reading"], "total 28504.27 m³")
        with open("/dev/full", "w") as full:
            self.check(run("wmbus-rx", "meters", STREET, stdout=full), 5, "No space left")

    def test_meters_on_a_terminal(self):
        child, terminal = pty.fork()
        if child == 0:
            os.environ["TERM"] = "xterm"
            os.environ["LC_ALL"] = "C.UTF-8"
            with open("samples.cu8", "wb") as f:
                f.write(self.street)
            os.execv(BIN + "/wmbus-rx", ["wmbus-rx", "meters", "-c", "meters.yaml", "-f", "868.95M", "-s",
                                         "1600k", "samples.cu8"])
        shown = b""
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
        except OSError:
            pass
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0, shown)
        self.assertIn("last value", shown.decode())
        self.assertIn("Küche", shown.decode())
        self.assertIn("28504.27", shown.decode())

    def test_q_ends_the_table_although_no_meter_sends(self):
        self.end_table_by_key(["yes", "\x7f"])

    def test_q_ends_the_table_although_no_samples_come(self):
        self.end_table_by_key(["sleep", str(2 * TIMEOUT_S)])

    def end_table_by_key(self, feeder):
        child, terminal = pty.fork()
        if child == 0:
            os.environ["TERM"] = "xterm"
            feed = subprocess.Popen(feeder, stdout=subprocess.PIPE)
            os.dup2(feed.stdout.fileno(), 0)
            os.execv(BIN + "/wmbus-rx", ["wmbus-rx", "meters", "-f", "868.95M", "-s", "1600k", "-"])
        watchdog = threading.Timer(TIMEOUT_S, os.kill, (child, signal.SIGKILL))
        watchdog.start()
        shown = b""
        try:
            while b"no meter" not in shown:
                shown += os.read(terminal, 65536)
            os.write(terminal, b"\x1bOBq")
            while os.read(terminal, 65536):
                pass
        except OSError:
            pass
        watchdog.cancel()
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        os.close(terminal)

    def test_selection(self):
        for args, n in (["--include", "ELS"], 3), (["--include", "KAM"], 0), \
                (["--include", "KAM", "--include", "ELS 03"], 3), (["--exclude", "12345678"], 0), \
                (["--report", "changes"], 1), (["--report", "1"], 1), (["--report", "all"], 3):
            with self.subTest(args=args):
                result = run("wmbus-rx", "-c", "meters.yaml", *args, *[STREET] * 3)
                self.check(result, 0)
                self.assertEqual(len(lines(result)), n)
        self.check(run("wmbus-rx", "--include", "water", STREET), 2, "option --include: expected a number")
        self.check(run("wmbus-rx", "--report", "x", STREET), 2, "option --report: expected all, changes")

    def test_hangup_reads_the_meters_anew(self):
        def write(text):
            with open("live.yaml", "w") as f:
                f.write(text)
            os.chmod("live.yaml", 0o600)

        good = "meters:\n  - id: 12345678\n    key: %s\n" % KEY
        write("meters: []\n")
        with Background([BIN + "/wmbus-rx", "-c", "live.yaml", "-"], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rx:
            for text, decrypted, says in (None, False, b""), (good, True, b"meters of the configuration were read anew"), \
                    ("meters: [", True, b"stay as they were"), ("report: all", False, b"read anew"):
                if text:
                    write(text)
                    rx.send_signal(signal.SIGHUP)
                rx.stdin.write(self.street)
                rx.stdin.flush()
                self.assertEqual(json.loads(rx.stdout.readline())["decrypted"], decrypted)
                while says not in (rx.stderr.readline() if says else b""):
                    pass
            rx.stdin.close()
            rx.stderr.read()
            rx.wait(timeout=TIMEOUT_S)
        self.assertEqual(rx.returncode, 0)

    def test_in_the_place_of_rtl_wmbus(self):
        for args, says in (["-h"], b"\n  -f exit"), (["-V"], b"rtl_wmbus 0."):
            result = run("rtl_wmbus", *args)
            self.check(result, 0)
            self.assertIn(says, result.stdout)
        result = run("rtl_wmbus")
        self.check(result, 0)
        self.assertNotIn(b"rtl_wmbus", result.stdout + result.stderr)
        self.check(run("rtl_wmbus", "-q"), 2, "rtl_wmbus: unknown option -q; rtl_wmbus -h lists all")
        self.check(run("rtl_wmbus", "-p", "x"), 2, "option -p: expected s or t")
        self.check(run("rtl_wmbus", "-d", "9"), 2, "option -d: expected 1 to 4")
        self.check(run("rtl_wmbus", "file"), 2, "expected options only")
        for args, mode, center in (["-s", "-f"], "T1", "868.625M"), (["-s"], "S1", "868.625M"), \
                (["-s"], "C1-A", "868.625M"), (["-a", "-o", "-r", "0", "-t", "0"], "T1", "868.95M"), \
                (["-p", "s", "-d", "4"], "T1", "868.95M"):
            with self.subTest(args=args, mode=mode):
                rate = "3.2M" if "-d" in args else "1.6M"
                samples = run("wmbus-gen", "-m", mode, "-f", center, "-s", rate, "--snr", "25", GAS).stdout
                result = run("rtl_wmbus", *args, stdin=samples)
                self.check(result, 0)
                self.assertRegex(result.stdout.decode(), r"^%s;1;1;20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6};\d+;"
                                 r"\d+;12345678;0x%s\n$" % (mode[:2], GAS.lower()))
                self.assertEqual(result.stderr, b"")

    def test_rtl_wmbus_ends_on_a_stall(self):
        with Background([BIN + "/rtl_wmbus", "-f"], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rx:
            rx.stdin.write(self.street)
            rx.stdin.flush()
            self.assertTrue(rx.stdout.readline().startswith(b"T1;1;1;"))
            self.assertEqual(rx.stdout.read(), b"rtl_wmbus: exiting\n")  # the pipe is still open
            self.assertIn(b"rtl_wmbus: exiting: no samples came", rx.stderr.read())
            rx.wait(timeout=TIMEOUT_S)
        self.assertEqual(rx.returncode, 4)

    def test_stats(self):
        with open(SOURCE + "/apps/stats.schema.json") as f:
            validator = jsonschema.Draft7Validator(json.load(f))
        with open(SOURCE + "/apps/stats.example.json") as f:
            validator.validate(json.load(f))
        loud = bytes([0, 255]) * (len(self.street) // 2)
        for stdin, real_time in (None, False), (self.street, True), (self.street + loud, True):
            with self.subTest(real_time=real_time):
                result = run("wmbus-rx", "-c", "meters.yaml", "-o", "stats",
                             *[STREET] * 3 if stdin is None else ["-"], stdin=stdin or b"")
                self.check(result, 0)
                messages = [json.loads(line) for line in result.stdout.splitlines()]
                for message in messages:
                    validator.validate(message)
                *_, stats, stop = messages
                self.assertEqual((messages[0]["event"], stop["event"]), ("start", "stop"))
                (source,) = stats["sources"]
                self.assertEqual((stats["frames"]["T1-A"]["ok"], stats["decrypted"]), (1, 1) if real_time else (3, 3))
                self.assertEqual(("cpu_share" in stats, "samples_per_s" in source), (real_time,) * 2)
                self.assertTrue(-40 < source["band_noise_dbfs"] < -20 or stdin and len(stdin) > len(self.street))
                self.assertAlmostEqual(source["clipped"], 0.5 if stdin and len(stdin) > len(self.street) else 0,
                                       delta=0.05)
        for change in {"seq": -1}, {"samples": None}, {"sources": [{}]}, {"other": 1}:
            with self.assertRaises(jsonschema.ValidationError):
                validator.validate({**stats, **change})

    def test_usage(self):
        self.check(run("wmbus-rx", "-o", "smoke", STREET), 2, "no output of the kind smoke")
        self.check(run("wmbus-rx", "-o", "zmq", STREET), 2, "zmq: expected its address")
        self.check(run("wmbus-rx", "-o", "json:/nowhere/x", STREET), 5, "cannot open /nowhere/x")
        self.check(run("wmbus-rx", "-o", "json:/dev/full", STREET), 5, "No space left")

    def test_hangup(self):
        with Background([BIN + "/wmbus-rx", "-o", "json:log.json", "-o", "json", "-"],
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as rx:
            rx.stdin.write(self.street * 2)
            rx.stdin.flush()
            rx.stdout.readline()
            os.rename("log.json", "log.json.1")
            rx.send_signal(signal.SIGHUP)
            rx.stdin.write(self.street * 2)
            rx.stdin.close()
            error = rx.stderr.read().decode()
            rx.wait(timeout=TIMEOUT_S)
        self.assertEqual(rx.returncode, 0, error)
        counts = []
        for name in "log.json.1", "log.json":
            with open(name) as f:
                counts.append(len(f.readlines()))
        self.assertEqual(sum(counts), 4)
        self.assertGreater(counts[1], 0)

    def test_nobody_reads_and_a_signal_ends_it(self):
        """A pipe in real time whose reader hangs: nothing waits for it, the file has all lines."""
        reader, writer = os.pipe()
        with Background([BIN + "/wmbus-rx", "-o", "json", "-o", "json:live.json", "-"],
                        stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE) as rx:
            os.close(writer)
            rx.stdin.write(self.street * 3)
            rx.stdin.close()
            error = rx.stderr.read().decode()
            rx.wait(timeout=TIMEOUT_S)
        os.close(reader)
        self.assertEqual(rx.returncode, 0, error)
        with open("live.json") as f:
            self.assertEqual(len(f.readlines()), 3)

    def test_a_full_disk(self):
        """In real time the other outputs go on, and what is lost is counted."""
        result = run("wmbus-rx", "-o", "json:/dev/full", "-o", "json:good.json", "-o", "stats:s.json", "-",
                     stdin=self.street * 4)
        self.check(result, 5, "4 lines were lost for /dev/full: cannot write to /dev/full: No space left")
        self.assertRegex(result.stderr, b"output json: [1-4] lost; cannot write to /dev/full")
        with open("good.json") as f:
            self.assertEqual(len([json.loads(line) for line in f]), 4)
        with open("s.json") as f:
            events = [json.loads(line) for line in f if '"trouble":"cannot write' in line]
        self.assertGreaterEqual(events[0]["lost"], 1)

    def test_killed(self):
        """Whatever was said before is in the files, in whole lines."""
        with Background([BIN + "/wmbus-rx", "-c", "meters.yaml", "-o", "json", "-o", "json:k.json",
                         "-o", "table:k.txt", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL) as rx:
            rx.stdin.write(self.street * 30)
            rx.stdin.flush()
            for _ in range(20):
                rx.stdout.readline()
            rx.kill()
            rest = rx.stdout.read()
        self.assertTrue(rest == b"" or rest.endswith(b"\n"))
        with open("k.json") as f:
            text = f.read()
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            self.assertEqual(json.loads(line)["total_m3"], 28504.27)
        with open("k.txt") as f:
            self.assertRegex(f.read(), r" m³\n$")

    def test_a_reader_that_hangs_at_the_end(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            while os.write(writer, b"x" * 4096):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(writer, True)
        with Background([BIN + "/wmbus-rx", "-"], stdin=subprocess.PIPE, stdout=writer,
                        stderr=subprocess.PIPE) as rx:
            os.close(writer)
            rx.stdin.write(self.street)
            rx.stdin.close()
            for line in rx.stderr:
                if b"samples, " in line:  # received, and waits for who reads
                    break
            rx.send_signal(signal.SIGTERM)
            error = rx.stderr.read().decode()
            rx.wait(timeout=TIMEOUT_S)
        os.close(reader)
        self.assertEqual(rx.returncode, 5, error)
        self.assertIn("1 line was lost for standard output", error)


if __name__ == "__main__":
    unittest.main()
