#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-rx with recordings of all kinds, and what it writes of bursts."""
import datetime
import json
import os
import resource
import shutil
import struct
import subprocess
import time
import unittest

from programs import BIN, GAS, SOURCE, STREET, Street, lines, read_file, run


class Recordings(Street):
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
            for args, says in (((path, "a.png"), ""), (("empty_868.95M_1600k.cu8", "b.png"), "no burst with a sync word"),
                               ((path, "./" + path), "needs a file of its own"), (("--help",), "usage: ")):
                with open("empty_868.95M_1600k.cu8", "wb") as f:
                    f.write(bytes([128] * 100000))
                drawn = subprocess.run([script, *args], env={**os.environ, "WMBUS_RX": BIN + "/wmbus-rx"},
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
                self.check(drawn, 1 if says else 0, says)
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
        with open("header.wav", "wb") as f:
            f.write(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<HHIIHH", 1, 2, 1600000, 6400000, 4, 16) +
                    b"data\0\0\0\0")
        os.makedirs("folder", exist_ok=True)
        os.makedirs("folder.cu8", exist_ok=True)
        os.makedirs("folder.wav", exist_ok=True)
        for path, says in (("missing.cu8", "No such file"), ("folder.cu8", "is a directory"),
                           ("empty.cu8", "is empty"), ("x.wav", "RIFF, RF64 or BW64"),
                           ("x.mp3", "names no format"), ("missing.wav", "No such file"),
                           ("missing.sigmf-data", "missing.sigmf-meta"),
                           ("x.sigmf", "tar xf x.sigmf"), ("folder.wav", "is a directory"),
                           ("cu8:missing", "No such file"), ("short.cf32", "too short"),
                           (STREET + "/x.cu8", "Not a directory"), ("folder", "is a directory"),
                           ("header.wav", "holds no samples where its header"),
                           ("", "names no file to receive"), ("cu8:", "names no file to receive")):
            self.check(run("wmbus-rx", path), 14, says)
        if os.getuid() != 0:
            os.chmod("x.wav", 0)
            self.check(run("wmbus-rx", "cu8:x.wav"), 14, "Permission denied")

    def test_odd_last_byte(self):
        with open(STREET, "rb") as f:
            result = run("wmbus-rx", "-", stdin=f.read() + b"x")
        self.check(result, 0, "the last sample is cut: 1 of 2 bytes")
        self.assertEqual(len(lines(result)), 1)

    def test_oscillator_of_a_recording(self):
        """Heard 20 ppm too high, with a dongle whose oscillator was that much too slow."""
        self.generate("slow_868.625M_1600k.cu8", "-n", "4", "-f", "868.625M", "--snr", "25", "--offset",
                      str(20 * 868.95))
        for ppm, least, most in ("0", 16000, 19000), ("-20", -1500, 1500):
            result = run("wmbus-rx", "-p", ppm, "slow_868.625M_1600k.cu8")
            for telegram in lines(result):
                self.assertTrue(least < telegram["offset_hz"] < most, telegram["offset_hz"])
            self.check(result, 0, "its frequency is -20 ppm off")


if __name__ == "__main__":
    unittest.main(verbosity=2)
