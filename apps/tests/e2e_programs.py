#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-rx and wmbus-decode from outside: files and text in, text and exit codes out."""
import datetime
import json
import os
import pty
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import time
import unittest

import jsonschema

from programs import (Background, BIN, GAS, KEY, MEASURED, SOURCE, STREET, Street, TIMEOUT_S, VALIDATOR,
                      WATER, WATER_B, lines, read_file, run)


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

    def test_propose_driver(self):
        result = run("wmbus-decode", "--propose-driver", "-k", KEY, GAS)
        self.check(result, 0)
        self.assertIn(b"  volume_m3: volume\n", result.stdout)
        self.assertNotIn(KEY.encode(), result.stdout)
        with open("els_33_03.yaml", "wb") as f:
            f.write(result.stdout)
        self.check(run("wmbus-decode", "--check-driver", "els_33_03.yaml"), 0)
        self.check(run("wmbus-decode", "--propose-driver", GAS), 2, "was not read: no_key; say it")

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

    def samples(self, name):
        """The street as bytes of the given format."""
        path = "s_868.95M_1600k." + name
        self.generate(path, "--snr", "25", "--seed", "1", GAS)
        return read_file(path)

    def write_sigmf(self, stem, data, datatype, captures, **more):
        with open(stem + ".sigmf-data", "wb") as f:
            f.write(data)
        meta = {"core:datatype": datatype, "core:sample_rate": 1600000, "core:version": "1.2.3"}
        with open(stem + ".sigmf-meta", "w") as f:
            json.dump({"global": {**meta, **more}, "captures": captures, "annotations": []}, f)

    def test_sigmf_recordings(self):
        capture = {"core:sample_start": 0, "core:frequency": 868950000,
                   "core:datetime": "2024-01-31T12:34:56Z"}
        expected = run("wmbus-rx", STREET).stdout
        for name, datatype in ("cu8", "cu8"), ("cs8", "ci8"), ("cs16", "ci16_le"), ("cf32", "cf32_le"):
            data = self.samples(name)
            self.write_sigmf("a", data, datatype, [capture])
            for suffix in ".sigmf-meta", ".sigmf-data":
                result = run("wmbus-rx", "a" + suffix)
                self.check(result, 0, "1 telegram")
                self.assertNotIn("assumed", result.stderr.decode())
                (got,) = lines(result)
                self.assertEqual(got["id"], "12345678", name)
                self.assertTrue(got["timestamp"].startswith("2024-01-31T12:34:56.03"))
            if name == "cu8":
                self.assertEqual(result.stdout, expected)
            if len(datatype) > 3: # the same, its bytes in the other order
                n = 2 if name == "cs16" else 4
                turned = bytearray(len(data))
                for k in range(n):
                    turned[k::n] = data[n - 1 - k::n]
                self.write_sigmf("b", turned, datatype[:-2] + "be", [capture])
                self.assertEqual(run("wmbus-rx", "b.sigmf-data").stdout, result.stdout)

    def test_sigmf_captures(self):
        data = self.samples("cu8")
        n = len(data) // 2
        (whole,) = lines(run("wmbus-rx", STREET))
        # Twice the street, each with a header in front, the second one 20 s later.
        captures = [{"core:sample_start": 0, "core:header_bytes": 100, "core:frequency": 868950000,
                     "core:global_index": 0},
                    {"core:sample_start": n, "core:header_bytes": 7, "core:frequency": 868950000,
                     "core:global_index": 32000000}]
        self.write_sigmf("c", b"x" * 100 + data + b"y" * 7 + data, "cu8", captures)
        for size in "4096", "65536":
            result = run("wmbus-rx", "--block-size", size, "c.sigmf-meta")
            self.check(result, 0, "2 telegrams")
            for got, late in zip(lines(result), (0, 20)):
                self.assertEqual(got["telegram"], whole["telegram"])
                self.assertAlmostEqual(got["time_s"], whole["time_s"] + late, delta=20e-6)
        # The data file by another name.
        os.rename("c.sigmf-data", "samples.bin")
        self.check(run("wmbus-rx", "c.sigmf-meta"), 14, "c.sigmf-data: No such file")
        os.rename("samples.bin", "c.bin")
        self.write_sigmf("c", b"", "cu8", captures, **{"core:dataset": "c.bin"})
        self.check(run("wmbus-rx", "c.sigmf-meta"), 0, "2 telegrams")
        captures[1]["core:frequency"] = 868300000
        self.write_sigmf("c", data + data, "cu8", captures)
        self.check(run("wmbus-rx", "c.sigmf-meta"), 14, "c.sigmf-meta: the centre changes")

    def test_wav_recordings(self):
        def chunk(name, content):
            return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

        def wav(kind, bits, data, riff=b"RIFF", size=None, ds64=b""):
            step = 2 * bits // 8
            fmt = struct.pack("<HHIIHH", kind, 2, 1600000, 1600000 * step, step, bits)
            when = struct.pack("<8H", 2024, 1, 3, 31, 12, 34, 56, 0)
            auxi = when + when + struct.pack("<9I", 868950000, *[0] * 8)
            head = riff + b"\xff\xff\xff\xffWAVE" + ds64 + chunk(b"fmt ", fmt) + chunk(b"auxi", auxi)
            size = len(data) if size is None else size
            return head + b"data" + struct.pack("<I", size) + data + chunk(b"LIST", b"INFO")

        cu8, cs16, cf32 = (self.samples(name) for name in ("cu8", "cs16", "cf32"))
        cs24 = b"".join(b"\x5a" + cs16[k:k + 2] for k in range(0, len(cs16), 2))
        long_size = struct.pack("<QQQI", 0, len(cu8), 0, 0)
        rows = (("u8", wav(1, 8, cu8), STREET), ("s16", wav(1, 16, cs16), "s_868.95M_1600k.cs16"),
                ("s24", wav(1, 24, cs24), "s_868.95M_1600k.cs16"),
                ("f32", wav(3, 32, cf32), "s_868.95M_1600k.cf32"),
                ("rf64", wav(1, 8, cu8, b"RF64", 0xFFFFFFFF, chunk(b"ds64", long_size)), STREET))
        for name, content, same in rows:
            with open(name + ".WAV", "wb") as f:
                f.write(content)
            result = run("wmbus-rx", name + ".WAV")
            self.check(result, 0, "1 telegram")
            self.assertNotIn("assumed", result.stderr.decode())
            (got,) = lines(result)
            self.assertTrue(got.pop("timestamp").startswith("2024-01-31T12:34:56.03"))
            (expected,) = lines(run("wmbus-rx", same))
            expected.pop("timestamp", None)
            self.assertEqual(got, expected, name)
        # Two channels, but of sound.
        with open("sound.wav", "wb") as f:
            f.write(wav(1, 16, cs16).replace(struct.pack("<I", 1600000), struct.pack("<I", 48000)))
        self.check(run("wmbus-rx", "sound.wav"), 14, "sound.wav: the sample rate is 0.048 Msps")

    def scene(self, stem, *args):
        """A recording, and what was sent in it."""
        self.generate(stem + "_868.95M_1600k.cu8", "--truth", stem + ".truth", "--gap", "40",
                      "--snr-spread", "6", "--offset-spread", "30e3", "--clock-spread", "0.4", *args)
        with open(stem + ".truth") as f:
            return stem + "_868.95M_1600k.cu8", [json.loads(line) for line in f]

    def test_explain(self):
        path, sent = self.scene("explained", "--mode", "T1,C1-A,C1-B", "-n", "12", "--snr", "20")
        result = run("wmbus-rx", "--explain", path)
        self.check(result, 0, "12 telegrams")
        rows = result.stderr.decode().split("what it was\n")[1].splitlines()
        rows = [row.split(maxsplit=9) for row in rows if "telegram:" in row]
        self.assertEqual(len(rows), 12)
        for truth, got, (mode, *figures, what) in zip(sent, lines(result), rows):
            time_s, offset_khz, deviation_khz, clock_cps, snr_db, rssi_dbfs, errors, odds = map(float, figures)
            self.assertEqual(mode, truth["mode"][:2])
            self.assertAlmostEqual(time_s, truth["time_s"], delta=2e-6)
            self.assertAlmostEqual(offset_khz, truth["offset_hz"] / 1e3, delta=1)
            self.assertAlmostEqual(deviation_khz, truth["deviation_hz"] / 1e3, delta=2)
            self.assertAlmostEqual(clock_cps, truth["chip_rate_cps"], delta=100)
            self.assertAlmostEqual(snr_db, truth["snr_db"], delta=1.5)
            self.assertAlmostEqual(rssi_dbfs, got["rssi_dbfs"], delta=0.11)
            self.assertLessEqual(errors, 2)
            self.assertGreater(odds, 3)
            self.assertIn("%s %s, %d bytes" % (got["dll_manufacturer"], got["dll_id"],
                                               len(truth["telegram"]) // 2), what)
        # A third of a telegram is missing: its CRC is wrong, and the line says in which block.
        samples = bytearray(read_file(path))
        at = 2 * int(sent[0]["sample"] + 16 * (10 + 35 * 12))
        samples[at:at + 2000] = samples[:2000]
        with open("damaged_868.95M_1600k.cu8", "wb") as f:
            f.write(samples)
        result = run("wmbus-rx", "--explain", "damaged_868.95M_1600k.cu8")
        self.check(result, 0, "wrong CRC in block 3: ")
        several = run("wmbus-rx", "--explain", path, STREET)
        self.check(several, 0, "telegram: ELS 12345678, 47 bytes, in " + STREET + "\n")
        self.check(run("wmbus-rx", "--explain", "--threads", "2", path), 2, "as a whole")
        self.assertEqual(len(lines(result)), 11)

    def test_bursts_as_recordings(self):
        path, _ = self.scene("dumped", "--mode", "T1,C1-A,C1-B", "-n", "6", "--snr", "13")
        data, whole = read_file(path), lines(run("wmbus-rx", path))
        dated = "20240131_123456_" + path
        os.rename(path, dated)
        written = {}
        for size in "4096", "65536", "16000000":
            os.makedirs("bursts" + size)
            result = run("wmbus-rx", "--block-size", size, "--dump-bursts", "bursts" + size, dated)
            self.check(result, 0, "%d telegrams" % len(whole))
            written[size] = {name: read_file("bursts%s/%s" % (size, name))
                             for name in sorted(os.listdir("bursts" + size))}
        self.assertEqual(written["4096"], written["65536"])
        self.assertEqual(written["4096"], written["16000000"])
        told = lines(result)
        names = [name for name in written["4096"] if name.endswith("_telegram.sigmf-meta")]
        self.assertEqual(len(names), len(whole))
        for name, expected in zip(names, told):
            self.assertIn(expected["dll_id"], name)
            again = run("wmbus-rx", "bursts4096/" + name)
            self.assertNotIn("assumed", again.stderr.decode())
            (got,) = [o for o in lines(again) if o["telegram"] == expected["telegram"]]
            self.assertEqual(got["timestamp"][:24], expected["timestamp"][:24])
            for figure, delta in ("snr_db", 1), ("offset_hz", 500), ("chip_rate_cps", 20):
                self.assertAlmostEqual(got[figure], expected[figure], delta=delta)
            meta = json.loads(written["4096"][name])
            self.assertEqual(meta["captures"][0]["core:frequency"], 868950000)
            (note,) = meta["annotations"]
            self.assertEqual(note["wmbus:telegram"], expected["telegram"])
            self.assertEqual(note["wmbus:snr_db"], expected["snr_db"])
            # The samples are those of the recording, and not many more than the burst.
            samples = written["4096"][name.replace("meta", "data")]
            first = 2 * meta["captures"][0]["core:global_index"]
            self.assertEqual(samples, data[first:first + len(samples)])
            self.assertLess(len(samples), 2 * 1.6e6 * 0.060)

    def test_failed_bursts_as_recordings(self):
        path, sent = self.scene("failing", "-n", "4", "--snr", "20")
        samples = bytearray(read_file(path))
        at = 2 * int(sent[2]["sample"] + 16 * (10 + 35 * 12))
        samples[at:at + 2000] = samples[:2000]
        with open(path, "wb") as f:
            f.write(samples)
        os.makedirs("failed")
        result = run("wmbus-rx", "--record-bursts", "failed", path)
        self.check(result, 0, "3 telegrams")
        name = [name for name in os.listdir("failed") if name.endswith("_bad_crc.sigmf-meta")]
        self.assertEqual(len(name), 1, os.listdir("failed"))
        self.assertNotIn("_telegram", " ".join(os.listdir("failed")))
        again = run("wmbus-rx", "--all", "failed/" + name[0])
        self.assertEqual(lines(again)[0]["reason"], "bad_crc")
        # Told apart from those that are there already; no more than the limit.
        os.makedirs("few")
        for n in 1, 2:
            result = run("wmbus-rx", "--dump-bursts", "few", "--burst-limit", "2", path)
            self.check(result, 0, "2 bursts were written to few; no more are (--burst-limit)")
            self.assertEqual(len(os.listdir("few")), 4 * n)
        self.assertTrue(any("_2.sigmf" in name for name in os.listdir("few")))

    def test_folders_that_cannot_be_written(self):
        for folder, says in (("nowhere", "nowhere: No such file"), (STREET, "is no directory"),
                             (STREET + "/x", "Not a directory")):
            for option in "--dump-bursts", "--record-bursts":
                result = run("wmbus-rx", option, folder, STREET)
                self.check(result, 5, says)
                self.assertEqual(result.stdout, b"")
        if os.getuid() != 0:
            os.makedirs("readonly", mode=0o500)
            self.check(run("wmbus-rx", "--dump-bursts", "readonly", STREET), 5, "Permission denied")
        # A full disk: reception goes on, and the end tells.
        os.makedirs("full")
        limited = {"restore_signals": False, "preexec_fn":
                   lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))}
        result = run("wmbus-rx", "--dump-bursts", "full", STREET, **limited)
        self.check(result, 5, "telegram.sigmf-data: File too large; going on without")
        self.assertEqual(len(lines(result)), 1)
        self.assertEqual(os.listdir("full"), [])
        result = run("wmbus-rx", "--record", "full/all", STREET, **limited)
        self.check(result, 5, "full/all.sigmf-data: File too large; the recording ends there")
        self.assertEqual(len(lines(result)), 1)

    def test_plot_of_a_burst(self):
        path, sent = self.scene("plotted", "--mode", "C1-A", "-n", "3", "--snr", "25")
        at = str(sent[1]["time_s"] - 0.005)
        self.check(run("wmbus-rx", "--plot-data", "plot.txt", "--plot-from", at, path), 0)
        text = read_file("plot.txt").decode()
        self.assertIn("# mode C1\n", text)
        self.assertRegex(text, "# what telegram: [A-Z?]{3} [0-9a-f]{8}, 47 bytes\n")
        rows = [line for line in text.splitlines() if not line.startswith("#")]
        frequency, chips, eye, spectrum = (
            [tuple(map(float, line.split())) for line in block.splitlines() if line]
            for block in "\n".join(rows).split("\n\n\n")[:4])
        # The decisions are the telegram, behind 16 chips of the sync word; the samples say the same.
        data = [int(row[2]) for row in chips if row[4]]
        self.assertEqual([row[0] for row in chips], list(range(-48, len(data))))
        bits = "".join(map(str, data[16:16 + 80]))
        self.assertEqual("%020x" % int(bits, 2), sent[1]["telegram"][:20])
        wrong = sum((khz > 0) != (decision > 0) for _, khz, decision, _, _ in chips)
        self.assertLess(wrong, len(chips) / 50)
        self.assertGreater(len(frequency), 7 * len(chips))
        self.assertTrue(all(abs(place) < 1.3 for place, _ in eye))
        self.assertEqual(max(db for _, db in spectrum), 0)
        if shutil.which("gnuplot"):
            script = SOURCE + "/scripts/draw_burst.sh"
            for args, exit_code in ((path, "a.png"), 0), (("empty_868.95M_1600k.cu8", "b.png"), 1):
                with open("empty_868.95M_1600k.cu8", "wb") as f:
                    f.write(bytes([128] * 100000))
                drawn = subprocess.run([script, *args], env={**os.environ, "WMBUS_RX": BIN + "/wmbus-rx"},
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
                self.check(drawn, exit_code, "no burst with a sync word" if exit_code else "")
            self.assertEqual(read_file("a.png")[:8], b"\x89PNG\r\n\x1a\n")
        self.check(run("wmbus-rx", "--plot-data", "no/plot.txt", path), 5, "no/plot.txt: No such file")
        self.check(run("wmbus-rx", "--plot-data", "plot.txt", path, path), 2, "--plot-data: expected only")

    def test_record(self):
        samples = read_file(STREET)
        for name in "recorded", "again.sigmf-meta":
            stem = name.split(".")[0]
            self.check(run("wmbus-rx", "--record", name, STREET), 0)
            self.assertEqual(read_file(stem + ".sigmf-data"), samples)
            (got,) = lines(run("wmbus-rx", stem + ".sigmf-meta"))
            self.assertEqual([got], lines(run("wmbus-rx", STREET)))
            result = run("wmbus-rx", "--record", name, STREET)
            self.check(result, 5, "it is there already; choose another name or remove it")
        self.check(run("wmbus-rx", "--record", "x", STREET, STREET), 2, "--record: expected only one")

    def test_options_beat_the_name(self):
        # At 868.95 MHz, the channel would be 300 kHz from where these samples have it.
        self.generate("moved.cu8", "-f", "868.65M", "--seed", "4", GAS)
        os.rename("moved.cu8", "moved_868.95M_1600k.cu8")
        wrong = run("wmbus-rx", "moved_868.95M_1600k.cu8")
        self.check(wrong, 0, "0 telegrams")
        result = run("wmbus-rx", "-f", "868.65M", "moved_868.95M_1600k.cu8")
        self.check(result, 0)
        self.assertEqual(len(lines(result)), 1)

    def test_assumed_values_are_told(self):
        with open(STREET, "rb") as f:
            result = run("wmbus-rx", "-", stdin=f.read())
        self.check(result, 0, "868.95 MHz is assumed")
        self.check(result, 0, "1.6 Msps is assumed")
        self.assertEqual(len(lines(result)), 1)

    def test_a_mode_at_another_frequency(self):
        name = "elsewhere_300.4M_1600k.cu8"
        self.generate(name, "-f", "300.4M", "--channel", "300.475M", "--seed", "4", GAS)
        self.check(run("wmbus-rx", name), 14, "868.95 MHz")
        result = run("wmbus-rx", "--channel", "T@300.475M", "--channel", "S@868.3M", name)
        self.check(result, 0, "S at 868.3 MHz lies outside")
        self.assertEqual([o["mode"] for o in lines(result)], ["T1"])
        self.check(run("wmbus-rx", "--channel", "S@868.3M", name), 14, "(S at 868.3 MHz)")
        self.check(run("wmbus-rx", "--channel", "T434M", name), 2, "--channel: expected modes, @")

    def test_iq_swap(self):
        self.generate("up_868.95M_1600k.cu8", "--offset", "60e3", "--seed", "5", GAS)
        with open("up_868.95M_1600k.cu8", "rb") as f:
            samples = bytearray(f.read())
        samples[0::2], samples[1::2] = samples[1::2], samples[0::2]
        (got,) = lines(run("wmbus-rx", "--iq-swap", "-f868.95M", "-s1600k", "-", stdin=bytes(samples)))
        self.assertAlmostEqual(got["offset_hz"], 60e3, delta=2e3)

    def test_start_time(self):
        (got,) = lines(run("wmbus-rx", "--start-time", "2020-02-29T23:59:59.99Z", STREET))
        self.assertTrue(got["timestamp"].startswith("2020-03-01T00:00:00.0"))
        result = run("wmbus-rx", "--start-time", "2020-02-29T23:59:59Z", STREET, STREET)
        self.check(result, 2, "only one file")
        self.check(run("wmbus-rx", "--start-time", "noon", STREET), 2, "--start-time: expected")

    def test_several_files(self):
        result = run("wmbus-rx", STREET, "missing.cu8", "-r", STREET)
        self.check(result, 14, "missing.cu8")
        self.assertEqual([o["file"] for o in lines(result)], [STREET, STREET])

    def test_names_that_say_what_cannot_be_received(self):
        for name, says in (("c_433M_1M.cu8", "no channel"), ("c_868.95M_48k.cu8", "0.048 Msps")):
            with open(name, "wb") as f:
                f.write(bytes(1000))
            result = run("wmbus-rx", "missing.cu8", name, STREET)
            self.check(result, 14, name + ": the ")
            self.check(result, 14, says)
            self.assertEqual([o["file"] for o in lines(result)], [STREET])
        result = run("wmbus-rx", "-s48k", "c_433M_1M.cu8", STREET)
        self.check(result, 2, "0.048 Msps")
        self.assertEqual(lines(result), [])

    def test_files_that_cannot_be_read(self):
        open("empty.cu8", "w").close()
        with open("x.wav", "w") as f:
            f.write("RIFF")
        with open("short.cf32", "w") as f:
            f.write("1234567")
        os.makedirs("folder.cu8", exist_ok=True)
        os.makedirs("folder.wav", exist_ok=True)
        for path, says in (("missing.cu8", "No such file"), ("folder.cu8", "is a directory"),
                           ("empty.cu8", "is empty"), ("x.wav", "RIFF, RF64 or BW64"),
                           ("x.mp3", "names no format"), ("missing.wav", "No such file"),
                           ("missing.sigmf-data", "missing.sigmf-meta"),
                           ("x.sigmf", "tar xf x.sigmf"), ("folder.wav", "is a directory"),
                           ("cu8:missing", "No such file"), ("short.cf32", "too short"),
                           (STREET + "/x.cu8", "Not a directory")):
            self.check(run("wmbus-rx", path), 14, says)
        if os.getuid() != 0:
            os.chmod("x.wav", 0)
            self.check(run("wmbus-rx", "cu8:x.wav"), 14, "Permission denied")

    def test_empty_pipe(self):
        self.check(run("wmbus-rx", "-"), 0, "there were no samples")

    def test_odd_last_byte(self):
        with open(STREET, "rb") as f:
            result = run("wmbus-rx", "-", stdin=f.read() + b"x")
        self.check(result, 0, "the last sample is cut: 1 of 2 bytes")
        self.assertEqual(len(lines(result)), 1)

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
        self.check(run("wmbus-decode", "--key", "0011"), 2, "--key: expected")

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
        self.check(run("wmbus-decode", "--driver", "nothing", telegram), 3, "no driver nothing")
        self.check(run("wmbus-decode", "--drivers", "nowhere", telegram), 3, "nowhere")

        self.check(run("wmbus-decode", "--check-driver", "drivers/mine.yaml"), 0)
        result = run("wmbus-decode", "--check-driver", "wrong.yaml")
        self.check(result, 3, "does not pass")
        self.assertIn(b"wrong.yaml:7: cold_m3: expected 6.409, got 6.408", result.stdout)
        self.check(run("wmbus-decode", "--check-driver", "broken.yaml"), 3,
                   "broken.yaml:4: field cold_m3: unknown quantity")

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
        self.check(result, 0, "no whole telegram was received")
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

    def test_oscillator_of_a_recording(self):
        """Heard 20 ppm too high, with a dongle whose oscillator was that much too slow."""
        self.generate("slow_868.625M_1600k.cu8", "-n", "4", "-f", "868.625M", "--snr", "25", "--offset",
                      str(20 * 868.95))
        for ppm, least, most in ("0", 16000, 19000), ("-20", -1500, 1500):
            result = run("wmbus-rx", "-p", ppm, "slow_868.625M_1600k.cu8")
            for telegram in lines(result):
                self.assertTrue(least < telegram["offset_hz"] < most, telegram["offset_hz"])
            self.check(result, 0, "its frequency is wrong by -20 ppm")

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
