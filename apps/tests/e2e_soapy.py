#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wmbus-rx with a radio of SoapySDR: a stand-in for its library plays it; and without a radio."""
import os
import subprocess
import unittest

from e2e_live import Receiver, generate, run_here
from programs import BIN, TIMEOUT_S, in_a_calm_moment


class Soapy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open("air.cu8", "wb") as f:
            f.write(generate("-n", "5", "--gap", "150", "--lead-in", "100", "--snr", "20"))
        cls.env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(BIN) + "/tests/stand_ins",
                       FAKE_SOAPY=os.path.abspath("air.cu8"), FAKE_SOAPY_LOG=os.path.abspath("log"))

    def setUp(self):
        if os.path.exists("log"):
            os.remove("log")

    def fails(self, says, *args, env=None):
        result = subprocess.run([BIN + "/wmbus-rx", *args], capture_output=True,
                                timeout=TIMEOUT_S, check=False, env=env)
        self.assertEqual(result.returncode, 4, result.stderr)
        self.assertIn(says, result.stderr.decode())

    def told(self):
        with open("log") as f:
            return [(what, int(value)) for what, value in (line.split() for line in f)]

    def test_receives(self):
        def receive(sent):
            with Receiver("-g", "5", "-p", "10", "--bias-tee", "soapy:driver=fake,format=" + sent,
                          env=self.env) as rx:
                rx.hears_all()

        for sent in "CS8", "CS16", "CF32":
            with self.subTest(sent=sent):
                in_a_calm_moment(lambda kind=sent: receive(kind))
        for what in (("rate", 1600000), ("frequency", 868616314), ("gain", 5), ("automatic", 0),
                     ("biasT_ctrl", 1), ("closed", 0)):
            self.assertIn(what, self.told())

    def test_is_corrected_while_it_runs(self):
        with open("slow.cu8", "wb") as f:
            f.write(generate("-n", "8", "--gap", "50", "--snr", "20", "--offset", str(20 * 868.95)))
        env = dict(self.env, FAKE_SOAPY=os.path.abspath("slow.cu8"))
        with Receiver("-g", "5", "--auto-ppm", "soapy:driver=fake", env=env) as rx:
            tuned = []
            while len(tuned) < 2:  # what it plays stays where it is: another correction follows each
                rx.line()
                tuned = [v for what, v in self.told() if what == "frequency"]
            self.assertIn(tuned[1], (868642372, 868642373))
            rx.stop()

    def test_gains_are_tried(self):
        with Receiver("soapy:driver=fake", env=self.env) as rx:
            rx.line()
            rx.stop()
        self.assertEqual([v for what, v in self.told() if what == "gain"],
                         [-3, -1, 1, 3, 5, 7, 7])

    def test_goes_on(self):
        with Receiver("-g", "5", "soapy:driver=fake,unplug=1", env=self.env) as rx:
            rx.says("not there, and tried again: the radio was unplugged, or failed: STREAM_ERROR")
            rx.says("back: soapy:driver=fake,unplug=1")
            rx.line()
            rx.stop()

    def test_cannot(self):
        self.fails("soapy:driver=x: no such radio: the fake says no; found: soapy:driver=fake (a "
                   "stand-in)", "soapy:driver=x", env=self.env)
        self.fails("cannot take so many samples a second (-s): the fake says no", "-s", "0.9M",
                   "soapy:driver=fake", env=self.env)

    def test_library(self):
        """SoapySDR itself, with no radio, or with its own that does nothing."""
        self.fails("soapy:driver=never: no such radio: SoapySDR::Device::make() no match",
                   "soapy:driver=never")
        self.fails("soapy:driver=null: does not say its sample rate", "soapy:driver=null")


if __name__ == "__main__":
    run_here()
