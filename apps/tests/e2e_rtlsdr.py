#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-rx with dongles at this computer: a stand-in for librtlsdr plays them, well and badly."""
import os
import subprocess
import time
import unittest

from e2e_live import Receiver, generate, run_here
from programs import BIN, SamplesLost, TIMEOUT_S, in_a_calm_moment

STAND_IN = os.path.dirname(BIN) + "/tests/stand_ins"


class Dongles:
    """What is plugged in, and what the dongles were told."""

    def __init__(self, *dongles):
        self.plug(*dongles)
        if os.path.exists("log"):
            os.remove("log")
        self.env = dict(os.environ, LD_LIBRARY_PATH=STAND_IN, FAKE_RTLSDR=os.path.abspath("dongles"),
                        FAKE_RTLSDR_LOG=os.path.abspath("log"))

    @staticmethod
    def plug(*dongles):
        with open("new", "w") as f:
            for dongle in dongles:
                f.write("play=air.cu8 %s\n" % dongle)
        os.rename("new", "dongles")

    def receive(self, *args):
        return Receiver(*args, env=self.env)

    def fail(self, *args):
        """What wmbus-rx says when it ends at once, with the exit code of devices."""
        with self.receive(*args) as rx:
            said = rx.process.rest()[1].decode()
            assert rx.process.returncode == 4, said
            return said

    @staticmethod
    def told():
        with open("log") as f:
            return [(what, int(value)) for what, value in (line.split() for line in f)]


class Rtlsdr(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.air = generate("-n", "5", "--gap", "150", "--lead-in", "100", "--snr", "20")
        with open("air.cu8", "wb") as f:
            f.write(cls.air)

    def test_receives(self):
        def receive():
            dongles = Dongles("serial=one block=3333")  # samples are cut
            with dongles.receive("-g", "14", "-p", "-12", "--bias-tee") as rx:
                rx.hears_all()
            return dongles.told()

        told = in_a_calm_moment(receive)
        for what in (("rate", 1600000), ("frequency", 868625000), ("ppm", -12), ("agc", 0),
                     ("manual", 1), ("gain", 100), ("bias_tee", 1), ("block_bytes", 16384)):
            self.assertIn(what, told)
        self.assertGreaterEqual(dict(told)["blocks"], 32)
        self.assertEqual(told[-2:], [("bias_tee", 0), ("close", 0)])

    def test_gain_is_tried(self):
        dongles = Dongles("serial=one")
        with dongles.receive("-f", "868.63M") as rx:
            rx.line()
            rx.stop()
        told = dongles.told()
        self.assertEqual([v for what, v in told if what == "gain"], [0, 100, 200, 500, 200])
        self.assertIn(("frequency", 868630000), told)

    def doctor(self, dongles, *args):
        result = subprocess.run([BIN + "/wmbus-rx", "doctor", *args], env=dongles.env, capture_output=True,
                                timeout=TIMEOUT_S, check=False)
        self.assertNotIn(b"Sanitizer", result.stderr)
        return result.returncode, (result.stdout + result.stderr).decode()

    def test_doctor(self):
        dongles = Dongles("serial=one")
        os.makedirs("usb/sys/bus/usb/devices", exist_ok=True)
        code, said = self.doctor(dongles, "--usb-root", "usb")
        self.assertEqual(code, 4)
        self.assertIn("no dongle is plugged in", said)
        for path, text in ("sys/bus/usb/devices/1-1/idVendor", "0bda"), \
                ("sys/bus/usb/devices/1-1/idProduct", "2838"), ("sys/bus/usb/devices/1-1/serial", "one"), \
                ("sys/bus/usb/devices/1-1/busnum", "1"), ("sys/bus/usb/devices/1-1/devnum", "7"), \
                ("proc/99/comm", "rtl_433"):
            os.makedirs(os.path.dirname("usb/" + path), exist_ok=True)
            with open("usb/" + path, "w") as f:
                f.write(text + "\n")
        code, said = self.doctor(dongles, "--usb-root", "usb")
        self.assertEqual(code, 4)
        self.assertIn("is plugged in, but there is no /dev/bus/usb/001/007", said)
        self.assertIn("no dongle can be used", said)
        os.makedirs("usb/dev/bus/usb/001")
        with open("usb/dev/bus/usb/001/007", "w"):
            pass
        os.makedirs("usb/sys/bus/usb/devices/1-1:1.0")
        os.symlink("../dvb_usb_rtl28xxu", "usb/sys/bus/usb/devices/1-1:1.0/driver")
        os.makedirs("usb/proc/99/fd")
        os.symlink("/dev/bus/usb/001/007", "usb/proc/99/fd/5")
        code, said = self.doctor(dongles, "--usb-root", "usb")
        self.assertEqual(code, 4)
        self.assertIn("is in use by rtl_433, process 99: end that first", said)
        os.remove("usb/proc/99/fd/5")

        def listen():
            code, said = self.doctor(dongles, "--usb-root", "usb", "--seconds", "8")
            if "samples are lost" in said:
                raise SamplesLost(said)
            for words in "serial number one, at /dev/bus/usb/001/007: can be used", \
                    "the kernel's driver dvb_usb_rtl28xxu has it", \
                    "listening to rtlsdr (Realtek RTL2838UHIDIR, serial number one) at 868.625 MHz, 1.6 Msps, " \
                    "gain: 20.0 dB, which was found best", \
                    " telegrams of 5 meters", "frequency: wrong by +0 ppm":
                self.assertIn(words, said)
            self.assertEqual(code, 0, said)
            self.assertIn("all is well", said)

        in_a_calm_moment(listen)

    def test_configured(self):
        dongles = Dongles("serial=one")
        with open("rx.yaml", "w") as f:
            f.write("sources:\n- { source: 'rtlsdr::one', frequency: 868.63M, rate: 1.8M, gain: 11,\n"
                    "    ppm: -12, bias_tee: yes }\n")
        for args, frequency in ([], 868630000), (["-f", "868.64M"], 868640000):
            with self.subTest(args=args), dongles.receive("-c", "rx.yaml", *args) as rx:
                while not os.path.exists("log") or ("block_bytes", 16384) not in dongles.told():
                    time.sleep(0.05)
                rx.stop()
                told = dongles.told()
                for what in (("frequency", frequency), ("rate", 1800000), ("gain", 100), ("ppm", -12),
                             ("bias_tee", 1)):
                    self.assertIn(what, told)
                os.remove("log")

    def test_chosen(self):
        dongles = Dongles("serial=one", "serial=00000002")
        for source, index in (("rtlsdr", 0), ("rtlsdr:1", 1), ("rtlsdr::00000002", 1), (":one", 0),
                              ("rtlsdr:00000002", 1)):
            with self.subTest(source=source), dongles.receive("-g", "20", source) as rx:
                rx.line()
                rx.stop()
                self.assertEqual(dict(dongles.told())["open"], index)
        said = dongles.fail("rtlsdr::three")
        self.assertIn("no RTL-SDR dongle rtlsdr::three: there are rtlsdr:0 (RTL2838UHIDIR, rtlsdr::one), "
                      "rtlsdr:1 (RTL2838UHIDIR, rtlsdr::00000002)", said)
        self.assertIn("no RTL-SDR dongle rtlsdr:2: there are", dongles.fail("rtlsdr:2"))

    def test_free_one_is_taken(self):
        dongles = Dongles("serial=one open=-6", "serial=two")
        with dongles.receive("-g", "20") as rx:
            rx.line()
            rx.stop()
        self.assertEqual(dict(dongles.told())["open"], 1)

    def test_cannot_be_opened(self):
        for dongle, says in (
                (None, "no RTL-SDR dongle found"),
                ("serial=one open=-6", "(RTL2838UHIDIR, serial number one) is in use by another"),
                ("serial=one open=-3", "no right to use the RTL-SDR dongle: join the group plugdev"),
                ("serial=one open=-1", "cannot be opened (error -1"),
                ("serial=one play=missing", "cannot be opened"),
                ("maker=RTLSDRBlog product=Blog_V4 tuner_hz=16000000", "Blog V4")):
            with self.subTest(dongle=dongle):
                self.assertIn(says, (Dongles(dongle) if dongle else Dongles()).fail())

    def test_cannot_be_set(self):
        for args, says in ((("-s", "0.85M"), "cannot take 0.85 Msps; expected 0.9 to 3.2 Msps (-s"),
                           (("-f", "2G"), "cannot be tuned to 2000 MHz (-f)")):
            with self.subTest(args=args):
                self.assertIn("RTL2838UHIDIR, serial number one: cannot",
                              Dongles("serial=one").fail(*args))
                self.assertIn(says, Dongles("serial=one").fail(*args))

    def test_blog_v4_with_a_newer_library(self):
        with Dongles("maker=RTLSDRBlog product=Blog_V4").receive("-g", "20") as rx:
            rx.line()
            rx.stop()

    def test_unplugged(self):
        dongles = Dongles("serial=other", "serial=one unplug=%d" % len(self.air))
        with dongles.receive("-g", "20", "rtlsdr:1") as rx:
            telegrams = [rx.line()]
            rx.says("not there, and tried again: the dongle was unplugged")
            dongles.plug("serial=other")
            time.sleep(1)  # so that it is looked for, and not found
            dongles.plug("serial=one", "serial=other")
            rx.says("back: Realtek RTL2838UHIDIR, serial number one")
            while telegrams[-1]["time_s"] < len(self.air) / 3.2e6:
                telegrams.append(rx.line())
            _, said = rx.stop()
        self.assertEqual([v for what, v in dongles.told() if what == "open"], [1, 0])
        self.assertIn("samples lost", said)
        # the clock of the stream knows of the gap
        self.assertGreater(telegrams[-1]["time_s"], len(self.air) / 3.2e6 + 1)

    def test_stalls(self):
        dongles = Dongles("serial=one stall=100000")
        with dongles.receive("-g", "20") as rx:
            rx.says("not there, and tried again: no samples came any more")
            rx.says("back: ")
            rx.line()
            _, said = rx.stop()
        self.assertIn("samples lost", said)

    def test_starts_late(self):
        with Dongles("serial=one start_ms=8000").receive("-g", "20") as rx:
            rx.line()
            _, said = rx.stop()
        self.assertNotIn("not there, and tried again", said)

    def test_one_of_two_is_missing(self):
        dongles = Dongles("serial=one")
        with dongles.receive("-g", "20", "rtlsdr::one", "rtlsdr::two") as rx:
            rx.says("rtlsdr::two: not there, and tried again: no RTL-SDR dongle rtlsdr::two: there is rtlsdr:0")
            self.assertEqual(rx.line()["file"], "rtlsdr::one")
            dongles.plug("serial=one", "serial=two")
            while rx.line()["file"] != "rtlsdr::two":
                pass
            rx.stop()
        said = Dongles().fail("-g", "20", "rtlsdr::one", "rtlsdr::two")
        self.assertEqual(said.count("no RTL-SDR dongle found"), 2, said)
        self.assertIn("it is not tried again, because none of the 2 devices can be opened", said)

    def test_ends_although_the_library_hangs(self):
        for dongle in "serial=one stall=100000 hang=1", "serial=one start_ms=100000":
            with self.subTest(dongle=dongle), Dongles(dongle).receive("-g", "20") as rx:
                time.sleep(1)
                rx.stop()


if __name__ == "__main__":
    run_here()
