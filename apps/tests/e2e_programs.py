#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-rx from outside: what it is asked for, and where it ends."""
import datetime
import json
import os
import pty
import random
import shutil
import signal
import socket
import subprocess
import time
import unittest

import jsonschema

from programs import (Background, BIN, GAS, KEY, MEASURED, SOURCE, STREET, Street, TIMEOUT_S, VALIDATOR,
                      lines, read_file, run)


def run_without(descriptor, program, *args):
    """Standard input, output or error is closed."""
    return run(program, *args, preexec_fn=lambda: os.close(descriptor))


class Programs(Street):
    METER = "  - name: gas, kitchen\n    id: 03ELS3312345678\n    key: %s\n" % KEY

    def test_the_example_is_what_the_program_prints(self):
        result = run("wmbus-rx", "-c", "meters.yaml", STREET)
        self.check(result, 0, "0 in clear, 1 decrypted")
        self.check(result, 0, " 1 telegram, 0 of them mended")
        with open(SOURCE + "/apps/telegram.example.json") as f:
            example = json.load(f)
        VALIDATOR.validate(example)
        (got,) = lines(result)
        self.assertEqual(list(got), list(example))
        for name in example:
            if name not in MEASURED:
                self.assertEqual(got[name], example[name], name)
        self.assertAlmostEqual(got["time_s"], example["time_s"], delta=20e-6)
        self.assertAlmostEqual(got["snr_db"], example["snr_db"], delta=2)
        self.assertTrue(got["timestamp"].startswith("2024-01-31T12:34:56.03"))

    def test_the_schema_refuses(self):
        with open(SOURCE + "/apps/telegram.example.json") as f:
            example = json.load(f)
        for name, value in (("v", 2), ("telegram", "2E44"), ("telegram", "xx"), ("decrypted", 1),
                            ("reason", "tired"), ("mode", "X1"), ("time_s", "0"), ("Volume", 1),
                            ("volume_m3", []), ("input_error", "x"), ("decrypted", False)):
            with self.assertRaises(jsonschema.ValidationError, msg=name):
                VALIDATOR.validate({**example, name: value})
        del example["payload"]
        with self.assertRaises(jsonschema.ValidationError):
            VALIDATOR.validate(example)

    def test_same_output_for_every_block_size(self):
        expected = run("wmbus-rx", STREET).stdout
        self.assertEqual(expected.count(b"\n"), 1)
        for size in "1", "7", "4096", "65536":
            self.assertEqual(run("wmbus-rx", "--block-size", size, STREET).stdout, expected, size)

    def test_same_output_for_every_number_of_threads(self):
        # 8 s a part: telegrams all the time, so that some lie across the cuts
        self.generate("long.cu8", "-m", "T1,C1-A,S1", "-n", "400", "--gap", "20", "--gap-spread",
                      "60", "--snr", "12", "--snr-spread", "8", "-f", "868.625M")
        args = ("-f868.625M", "-s1600k", "-m", "T,C,S", "long.cu8", STREET, "no.cu8", STREET)
        expected = None
        for threads in "1", "2", "5":
            result = run("wmbus-rx", "--threads", threads, *args)
            self.check(result, 14, "no.cu8")
            counted = result.stderr.decode().split("samples a second")[1]
            expected = expected or (result.stdout, counted)
            self.assertEqual((result.stdout, counted), expected)
        self.assertGreater(expected[0].count(b"\n"), 300)
        os.remove("long.cu8")
        for threads in "0", "65":
            self.check(run("wmbus-rx", "--threads", threads, STREET), 2, "1 to 64")
        self.check(run("wmbus-rx", "--threads", "2", "--realtime", STREET), 2, "ahead of time")

    def test_realtime(self):
        self.generate("no_date.cu8", "--snr", "25", GAS)
        before = time.time()
        result = run("wmbus-rx", "--realtime", "-f868.95M", "no_date.cu8")
        (got,) = lines(result)
        self.check(result, 0)
        self.assertGreater(time.time() - before, os.path.getsize("no_date.cu8") / 2 / 1.6e6)
        sent = datetime.datetime.fromisoformat(got["timestamp"].replace("Z", "+00:00"))
        self.assertGreater(sent.timestamp(), before - 1)
        self.assertLess(sent.timestamp(), time.time())

    def test_real_recording(self):
        path = os.environ.get("WMBUS_CAPTURES", SOURCE + "/../shared/captures")
        path += "/rtlsdr_868.950M_1M6_samples2.cu8"
        if not os.path.exists(path):
            self.skipTest("the recording is not here")
        got = lines(run("wmbus-rx", path))
        self.assertEqual([o["id"] for o in got], ["71200023", "84002112"])

    def test_formats(self):
        for name in "cu8", "cs8", "cs16", "cf32":
            path = "x_868.95M_1600k." + name
            self.generate(path, "--seed", "3", GAS)
            result = run("wmbus-rx", path)
            self.check(result, 0)
            self.assertEqual([o["id"] for o in lines(result)], ["12345678"], name)
            with open(path, "rb") as f:
                samples = f.read()
            os.rename(path, "plain")
            by_prefix = run("wmbus-rx", "%s:868.95M:1600k:plain" % name)
            self.assertEqual(by_prefix.stdout, result.stdout, name)
            piped = run("wmbus-rx", "-f868.95M", "--rate=1.6e6", name + ":-", stdin=samples)
            self.assertEqual(piped.stdout, result.stdout, name)

    def test_empty_pipe(self):
        self.check(run("wmbus-rx", "-"), 0, "there were no samples")

    def test_usage(self):
        for program in "wmbus-rx", "wmbus-decode", "wmbus-gen", "wmbus-watch":
            result = run(program, "--help")
            self.check(result, 0)
            self.assertIn(b"Exit codes:\n   0  ok", result.stdout)
            self.check(run(program, "--never"), 2, "unknown option --never")
            result = run(program, "--version")
            self.check(result, 0)
            self.assertRegex(result.stdout.decode(), "^%s [0-9.]+\n$" % program)
            for option in "--help", "--version":
                with open("/dev/full", "w") as full:
                    self.check(run(program, option, stdout=full), 5, "No space left")
        self.check(run("wmbus-rx", "--block-size", "0", STREET), 2, "--block-size")
        self.check(run("wmbus-rx", "--zmq-wait", "1", STREET), 2, "needs --zmq")
        self.check(run("wmbus-rx", "docter"), 14, "docter: no command, no device and no file")
        self.check(run("wmbus-rx", "rtl_tcp:127.0.0.1:65537"), 2, "expected a port up to 65535")
        self.check(run("wmbus-rx", "--simd", "abacus", STREET), 2, "scalar, not abacus")
        self.check(run("wmbus-rx", "-f", "300M", STREET), 2, "channel")
        self.check(run("wmbus-rx", "-s", "48k", STREET), 2, "rate")
        for value in "0", "-868M", "868.95":
            self.check(run("wmbus-rx", "-f", value, STREET), 2, "expected Hz, such as 868.95M")
        for value in "0", "-1.6M", "1.6":
            self.check(run("wmbus-rx", "-s", value, STREET), 2, "expected samples a second, such as 1600k")
        self.check(run("wmbus-rx", "--channel", "T@434.475", STREET), 2, "such as T@434.475M")
        self.check(run("wmbus-rx", "--plot-from", "1", STREET), 2, "--plot-from needs --plot-data")
        self.check(run("wmbus-decode", "--key", "0011"), 2, "--key: expected")

    def refuses_to_write(self, path, *args):
        """To a file that wmbus-rx with these arguments reads."""
        before = read_file(path)
        for option in ("-o", "json:" + path), ("-o", "stats:" + path), ("--plot-data", path):
            self.check(run("wmbus-rx", *option, *args), 2, path + " is to be read and to be written as well")
            self.assertEqual(read_file(path), before)
        with open(path, "ab") as file:
            self.check(run("wmbus-rx", *args, stdout=file), 2, "standard output goes to is to be read")
        self.assertEqual(read_file(path), before)

    def test_what_is_read_is_never_written(self):
        os.link(STREET, "link.cu8")
        os.symlink(STREET, "symbolic.cu8")
        for where in STREET, "./" + STREET, "link.cu8", "symbolic.cu8", "cu8:" + STREET:
            self.refuses_to_write(STREET, where)
        with open(STREET, "rb") as file:
            result = subprocess.run([BIN + "/wmbus-rx", "-", "-o", "json:link.cu8"], stdin=file, capture_output=True,
                                    timeout=TIMEOUT_S, check=False)
        self.check(result, 2, "link.cu8 is to be read")
        os.remove("link.cu8")
        os.remove("symbolic.cu8")

    def test_the_other_file_of_a_recording_is_never_written(self):
        run("wmbus-rx", "--record", "pair", "--seconds", "60", STREET)
        with open("pair.sigmf-meta") as file:
            meta = json.load(file)
        meta["global"]["core:dataset"] = "elsewhere"
        with open("named.sigmf-meta", "w") as file:
            json.dump(meta, file)
        os.link("pair.sigmf-data", "elsewhere")
        for read, written in (("pair.sigmf-meta", "pair.sigmf-data"), ("pair.sigmf-data", "pair.sigmf-meta"),
                              ("pair.sigmf-meta", "pair.sigmf-meta"), ("named.sigmf-meta", "elsewhere")):
            self.refuses_to_write(written, read)
        shutil.copy(STREET, "street.wav")
        self.refuses_to_write("street.wav", "street.wav")
        for path in "pair.sigmf-meta", "pair.sigmf-data", "named.sigmf-meta", "elsewhere", "street.wav":
            os.remove(path)

    def test_what_is_set_up_is_never_written(self):
        os.mkdir("drivers")
        shutil.copy(SOURCE + "/decode/meters/apatoreitn.yaml", "drivers/mine.yaml")
        for path in "learnt", "errors":
            open(path, "w").close()
        self.refuses_to_write("meters.yaml", "-c", "meters.yaml", STREET)
        self.refuses_to_write("learnt", "--formats", "learnt", STREET)
        self.refuses_to_write("errors", "--ppm-file", "errors", STREET)
        self.refuses_to_write("drivers/mine.yaml", "--drivers", "drivers", STREET)
        with open("outputs.yaml", "w") as file:
            file.write("outputs: [json: outputs.yaml]\n")
        os.chmod("outputs.yaml", 0o600)
        self.check(run("wmbus-rx", "-c", "outputs.yaml", STREET), 2, "outputs.yaml is to be read")
        shutil.rmtree("drivers")
        for path in "learnt", "errors", "outputs.yaml":
            os.remove(path)

    def test_a_scene_is_never_written(self):
        with open("scene.jsonl", "w") as f:
            f.write('{"telegram":"%s","mode":"T1","time_s":0.1}\n' % GAS)
        self.check(run("wmbus-gen", "--scene", "scene.jsonl", "-o", "scene.jsonl", "--format", "cu8"), 2,
                   "scene.jsonl is named twice")
        for truth in "new.cu8", "./new.cu8", os.getcwd() + "/new.cu8":
            self.check(run("wmbus-gen", "-n", "1", "-o", "new.cu8", "--truth", truth), 2, "new.cu8 is named twice")
        self.assertFalse(os.path.exists("new.cu8"))
        with open("scene.jsonl", "ab") as file:
            self.check(run("wmbus-gen", "--scene", "scene.jsonl", stdout=file), 2, "named twice")
            self.check(run("wmbus-gen", "--scene", "scene.jsonl", "-o", "new.cu8", "-t", "-", stdout=file), 2,
                       "named twice")
        self.assertEqual(read_file("scene.jsonl")[-1:], b"\n")

    def test_doctor_of_what_becomes_no_longer(self):
        """To listen for longer is advised where that is possible."""
        for source, stdin, longer in (STREET, b"", False), ("cu8:-", self.street, True):
            with self.subTest(source=source):
                said = run("wmbus-rx", "doctor", source, stdin=stdin).stdout
                self.assertIn(b"its error is not known: that takes 3 meters or more; ", said)
                self.assertEqual(b"--seconds" in said, longer)
                self.assertEqual(b"a longer recording" in said, not longer)

    def test_exit_codes_of_the_help(self):
        codes = {"wmbus-rx": [0, 1, 2, 3, 4, 5, 6, 14], "wmbus-decode": [0, 1, 2, 3, 5, 14],
                 "wmbus-gen": [0, 1, 2, 5, 14], "wmbus-watch": [0, 1, 2, 5], "rtl_wmbus": [0, 1, 2, 4, 5, 14]}
        for program, expected in codes.items():
            text = run(program, "-h").stdout.decode()
            listed = [int(line.split()[0]) for line in text.split("Exit codes:\n")[1].splitlines()]
            self.assertEqual(listed, expected, program)

    def at_a_terminal(self, program, *args):
        """What it says on standard error before the terminal's user ends its input, or before Ctrl-C."""
        theirs, ours = pty.openpty()
        with subprocess.Popen([BIN + "/" + program, *args], stdin=ours, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            said = process.stderr.readline().decode()
            os.write(theirs, b"\x04")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=TIMEOUT_S)
        os.close(theirs)
        os.close(ours)
        return said

    def test_a_pipe_that_nobody_writes_to_yet(self):
        os.mkfifo("later.cu8")
        with Background([BIN + "/wmbus-rx", "--seconds", "1", "later.cu8"], stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as rx:
            self.assertIn(b"there were no samples", rx.rest()[1])
            self.assertEqual(rx.returncode, 0)
        with Background([BIN + "/wmbus-rx", "later.cu8"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rx:
            with open("later.cu8", "wb") as f:
                f.write(self.street)
            self.assertEqual(len(rx.rest()[0].splitlines()), 1)
        os.remove("later.cu8")

    def test_who_waits_at_a_terminal_says_so(self):
        self.assertEqual(self.at_a_terminal("wmbus-decode"),
                         "wmbus-decode: waiting for telegrams, a line each, in hex or as rtl_wmbus or "
                         "wmbus-rx print them; Ctrl-D ends\n")
        self.assertEqual(self.at_a_terminal("wmbus-watch", "ipc://nobody"),
                         "wmbus-watch: waiting for readings from ipc://nobody, where wmbus-rx --zmq "
                         "publishes them\n")
        self.assertEqual(run("wmbus-decode").stderr, b"")

    def test_configuration(self):
        for program, args in (("wmbus-rx", [STREET]), ("wmbus-decode", [GAS])):
            with open("bad.yaml", "w") as f:
                f.write("meters:\n  - id: 12345678\n    key: %s00\n" % KEY)
            result = run(program, "-c", "bad.yaml", *args)
            self.check(result, 3, "bad.yaml:3: key: expected 32 hex digits")
            self.assertNotIn(KEY.encode(), result.stderr)
            self.check(run(program, "-c", "missing.yaml", *args), 3, "No such file")
            self.check(run(program, "-c", ".", *args), 3, "directory")
            self.check(run(program, "-c", "/dev/zero", *args), 3, "at most 1 MiB")
        os.chmod("meters.yaml", 0o644)
        result = run("wmbus-decode", "-c", "meters.yaml", GAS)
        os.chmod("meters.yaml", 0o600)
        self.check(result, 0, "others can read it")
        self.assertEqual(lines(result)[0]["volume_m3"], 28504.27)
        with open("names.yaml", "w") as f:
            f.write("meters:\n  - name: gas\n    id: 12345678\n")
        os.chmod("names.yaml", 0o644)
        result = run("wmbus-decode", "-c", "names.yaml", GAS)
        self.assertEqual(result.stderr, b"")

    def test_output_full_or_gone(self):
        for program, args in (("wmbus-rx", [STREET]), ("wmbus-decode", [GAS])):
            with open("/dev/full", "w") as full:
                self.check(run(program, *args, stdout=full), 5, "No space left")
            reader, writer = os.pipe()
            os.close(reader)
            result = run(program, *args, stdout=writer)
            os.close(writer)
            self.check(result, 0)
            self.assertNotIn(b"nothing was received", result.stderr)
            # nothing that it opens may take the place of what is closed
            self.check(run_without(1, program, *args), 5, "Bad file descriptor")
            self.assertIn(b'"telegram"', run_without(2, program, *args).stdout)
        self.check(run_without(0, "wmbus-rx", "-"), 14, "Bad file descriptor")
        self.check(run_without(1, "wmbus-gen", GAS), 5, "Bad file descriptor")

        driver = SOURCE + "/decode/meters/abbb23.yaml"
        with open("/dev/full", "w") as full:
            result = run("wmbus-decode", "--check-driver", driver, stdout=full)
            self.check(result, 5, "No space left")
            self.check(run("wmbus-rx", "doctor", STREET, stdout=full), 5, "No space left")

    def test_socket(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            result = run("wmbus-rx", "--zmq", "tcp://127.0.0.1:%d" % port, STREET)
            self.check(result, 5, "already in use")
        self.check(run("wmbus-rx", "--zmq", "nowhere", STREET), 2, "zmq: address: expected")
        address = "ipc://" + os.path.abspath("socket")
        with Background([BIN + "/wmbus-watch", "--idle", "1", address],
                        stdout=subprocess.PIPE) as watch:
            result = run("wmbus-rx", "-c", "meters.yaml", "--zmq", address, "--zmq-wait", "1", STREET)
            self.check(result, 0)
            seen = watch.communicate(timeout=TIMEOUT_S)[0].decode()
        self.assertIn("gas, kitchen", seen)
        self.assertIn("volume_m3 28504.27", seen)

    def test_wrong_crc_only_with_all(self):
        with open(STREET, "rb") as f:
            samples = bytearray(f.read())
        # A gap in the second half of the telegram: 1.6 Msps, 6 ms of telegram from 0.030 s on.
        first = 2 * int(1.6e6 * 0.0335)
        samples[first:first + 6400] = bytes([127, 128] * 3200)
        result = run("wmbus-rx", "-f868.95M", "-s1600k", "-", stdin=bytes(samples))
        self.check(result, 0, "telegrams came, but all of them damaged")
        self.assertEqual(lines(result), [])
        result = run("wmbus-rx", "--all", "-f868.95M", "-s1600k", "-", stdin=bytes(samples))
        (got,) = lines(result)
        self.assertEqual((got["reason"], got["decrypted"]), ("bad_crc", False))

    def test_signals(self):
        with open(STREET, "rb") as f:
            samples = f.read()
        for number in signal.SIGTERM, signal.SIGINT:
            with Background([BIN + "/wmbus-rx", "-"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as rx:
                rx.stdin.write(samples * 2)
                rx.stdin.flush()
                first = rx.stdout.readline()  # printed while the pipe is still open
                self.assertEqual(json.loads(first)["id"], "12345678")
                rx.send_signal(number)
                rest, error = rx.communicate(timeout=TIMEOUT_S)
                self.assertEqual(rx.returncode, 0, error)
                self.assertIn(b"samples, ", error)

    def test_random_files(self):
        noise = random.Random(2).randbytes(300001)
        for name in "cu8", "cs8", "cs16", "cf32":
            result = run("wmbus-rx", "-f868.625M", "-s2.4M", name + ":-", stdin=noise)
            self.check(result, 0)
            self.assertEqual(lines(result), [], name)

    def test_ppm_that_cannot_be(self):
        for ppm in "1e300", "-1e9", "1001", "-1001":
            self.check(run("wmbus-rx", "-p", ppm, STREET), 2, "option --ppm: expected -1000 to 1000")
        self.check(run("wmbus-rx", "-p", "-1000", STREET), 0)

    def test_what_is_learnt_cannot_be_kept(self):
        for option in "--formats", "--ppm-file":
            self.check(run("wmbus-rx", option, "nowhere/kept", "-", stdin=self.street), 5,
                       "cannot write nowhere/kept: No such file or directory")
            self.check(run("wmbus-rx", option, "nowhere/kept", STREET), 0)

    def test_a_replay_writes_no_formats(self):
        self.check(run("wmbus-rx", "--formats", "replay.txt", "--obis", STREET), 0)
        self.assertFalse(os.path.exists("replay.txt"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
