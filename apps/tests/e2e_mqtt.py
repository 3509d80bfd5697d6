#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The MQTT output against a real broker: readings, Home Assistant, passwords, TLS, and a broker that
is away, restarted, or hangs."""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest

from programs import Background, BIN, STREET, Street, TIMEOUT_S, WATER, run

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:" + os.environ["PATH"])


def free_port():
    """Not one of those that the system gives to whoever asks for any: it stays free."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", random.randrange(10000, 32000)))
                return s.getsockname()[1]
            except OSError:
                pass


def wait_until(condition, what):
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


started = []


def start(*args, **kwargs):
    started.append(Background(*args, **kwargs))
    return started[-1]


class Broker:
    def __init__(self, port=None, extra=""):
        self.port = port or free_port()
        with open("broker.conf", "w") as f:
            f.write("listener %d 127.0.0.1\n%s" % (self.port, extra or "allow_anonymous true\n"))
        self.process = start([MOSQUITTO, "-c", "broker.conf"], stderr=subprocess.DEVNULL)
        wait_until(self.answers, "the broker starts")

    def answers(self):
        assert self.process.poll() is None, "the broker ended"
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(timeout=TIMEOUT_S)


class Subscriber:
    """Hears everything, and what is retained."""

    def __init__(self, port, *args):
        self.messages = []
        self.process = start(
            ["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "#", "-q", "1", "-d", "-F",
             "%r %t %p", *args], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.startswith("Subscribed"):
                break

    def until(self, topic, text=None):
        """Reads up to a message; returns its payload."""
        for line in self.process.stdout:
            parts = line.rstrip("\n").split(" ", 2)
            if parts[0] in ("0", "1"):
                self.messages.append((parts[1], parts[2], parts[0] == "1"))
                if parts[1] == topic and text in (None, parts[2]):
                    return parts[2]
        raise AssertionError("%s did not come" % topic)

    def last(self, topic):
        return [payload for at, payload, _ in self.messages if at == topic][-1]

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait(timeout=TIMEOUT_S)


class Connection:
    """Of wmbus-rx with a broker that the test plays itself."""

    def __init__(self, listening):
        listening.settimeout(TIMEOUT_S)
        self.socket, _ = listening.accept()
        self.socket.settimeout(TIMEOUT_S)
        self.stream = self.socket.makefile("rb")
        assert self.packet()[0] == 0x10  # CONNECT
        self.socket.sendall(bytes((0x20, 2, 0, 0)))

    def packet(self):
        first, n, shift, more = self.stream.read(1)[0], 0, 0, True
        while more:
            byte = self.stream.read(1)[0]
            n, shift, more = n | (byte & 127) << shift, shift + 7, byte > 127
        return first, self.stream.read(n)

    def published(self, n):
        """The next n messages: identifier, topic, payload."""
        messages = []
        while len(messages) < n:
            first, body = self.packet()
            if first == 0xC0:  # PINGREQ
                self.socket.sendall(bytes((0xD0, 0)))
                continue
            assert first & 0xF6 == 0x32, first  # PUBLISH, QoS 1
            end = 2 + int.from_bytes(body[:2], "big")
            messages.append((body[end:end + 2], body[2:end].decode(), body[end + 2:].decode()))
        return messages

    def acknowledge(self, messages):
        self.socket.sendall(b"".join(bytes((0x40, 2)) + mid for mid, _, _ in messages))

    def acknowledge_all(self):
        """Until wmbus-rx says that it ends; all the messages before."""
        messages = []
        while not messages or messages[-1][1:] != ("wmbus/availability", "offline"):
            messages += self.published(1)
            self.acknowledge(messages[-1:])
        return messages[:-1]

    def close(self):
        self.stream.close()
        self.socket.close()


class Mqtt(Street):
    def tearDown(self):
        for process in started:  # after a failure they would hold the pipe that ctest reads
            process.kill()
            process.wait()
        started.clear()

    def start(self, *args):
        return start([BIN + "/wmbus-rx", "-c", "meters.yaml", *args, "-"], stdin=subprocess.PIPE,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def feed(self, rx, n=1):
        rx.stdin.write(self.street * n)
        rx.stdin.flush()

    def says(self, rx, words):
        """Reads up to the line on standard error that says so."""
        for line in rx.stderr:
            if words in line.decode():
                return
        raise AssertionError("never said: " + words)

    def end(self, rx, exit_code=0):
        rx.stdin.close()
        rx.stdin = None
        _, error = rx.rest()
        self.assertEqual(rx.returncode, exit_code, error)
        self.assertNotIn(b"Sanitizer", error)
        return error.decode()

    def test_readings_and_home_assistant(self):
        broker = Broker()
        heard = Subscriber(broker.port)
        result = run("wmbus-rx", "-c", "meters.yaml", "-o", "mqtt:127.0.0.1,port=%d" % broker.port,
                     *[STREET] * 4)
        self.check(result, 0)
        self.assertEqual(result.stdout, b"")
        heard.until("wmbus/availability", "offline")
        whole = json.loads(heard.last("wmbus/els_12345678_33_03"))
        self.assertEqual((whole["name"], whole["total_m3"]), ("Küche", 28504.27))
        self.assertEqual(heard.last("wmbus/els_12345678_33_03/total_m3"), "28504.27")
        self.assertEqual(heard.last("wmbus/els_12345678_33_03/status"), "OK")
        self.assertEqual(json.loads(heard.last("wmbus/stats"))["outputs"],
                         [{"output": "mqtt", "lost": 0, "queue_fill": 0.0}])
        self.assertEqual(json.loads(heard.last("wmbus/event"))["event"], "stop")
        self.assertIn(("wmbus/availability", "online", False), heard.messages)
        topics = [topic for topic, _, _ in heard.messages]
        self.assertEqual(topics.count("wmbus/els_12345678_33_03"), 4)
        configs = {topic: json.loads(payload) for topic, payload, _ in heard.messages
                   if topic.startswith("homeassistant/")}
        total = configs["homeassistant/sensor/wmbus_els_12345678_33_03/total_m3/config"]
        self.assertEqual(total["state_topic"], "wmbus/els_12345678_33_03/total_m3")
        self.assertEqual((total["device_class"], total["unit_of_measurement"], total["state_class"]),
                         ("gas", "m³", "total_increasing"))
        self.assertEqual(total["device"]["name"], "Küche")
        self.assertEqual(len({config["unique_id"] for config in configs.values()}), len(configs))
        for topic, config in configs.items():
            self.assertIn(config["state_topic"], topics)
            self.assertEqual(config["availability_topic"], "wmbus/availability")
        heard.stop()
        late = Subscriber(broker.port)  # the configuration is retained, the readings are not
        late.until("wmbus/availability", "offline")
        late.stop()
        broker.stop()

    def test_commands_are_no_readings(self):
        """What another device tells the meter is an object with its direction, and no value of the meter."""
        command = "1C53AE0C1111111101377278563412AE0C01070A000000" + "0B13999999"
        command = "%02X%s" % (len(command) // 2 - 1, command[2:])
        self.generate("sent_868.95M_1600k.cu8", "--snr", "25", WATER, command)
        broker = Broker()
        heard = Subscriber(broker.port)
        result = run("wmbus-rx", "-o", "mqtt:127.0.0.1,port=%d" % broker.port, "sent_868.95M_1600k.cu8")
        self.check(result, 0)
        heard.until("wmbus/availability", "offline")
        objects = [json.loads(text) for topic, text, _ in heard.messages
                   if re.fullmatch("wmbus/[a-z]+_12345678_01_07", topic)]
        self.assertEqual([o["direction"] for o in objects], ["from_meter", "to_meter"])
        values = [text for topic, text, _ in heard.messages
                  if re.fullmatch("wmbus/.*_12345678_.*/.*_m3", topic)]
        self.assertEqual(set(values), {"876.543"})
        heard.stop()
        broker.stop()

    def test_two_meters_of_one_number(self):
        """Each has topics of its own, whichever was heard first, and whether or not the other was."""
        other = WATER.replace("0107", "0106").replace("13436587", "13218365")
        values = {(WATER,): {"07": "876.543"}, (other,): {"06": "658.321"}}
        values[WATER, other] = values[other, WATER] = {"07": "876.543", "06": "658.321"}
        for sent, expected in values.items():
            self.generate("sent_868.95M_1600k.cu8", "--snr", "25", *sent)
            broker = Broker()
            heard = Subscriber(broker.port)
            self.check(run("wmbus-rx", "-o", "mqtt:127.0.0.1,port=%d" % broker.port,
                           "sent_868.95M_1600k.cu8"), 0)
            heard.until("wmbus/availability", "offline")
            self.assertEqual({topic: payload for topic, payload, _ in heard.messages if topic.endswith("/total_m3")},
                             {"wmbus/cen_12345678_01_%s/total_m3" % t: expected[t] for t in expected})
            configs = [json.loads(payload) for topic, payload, _ in heard.messages
                       if topic.endswith("/total_m3/config")]
            self.assertEqual({(c["unique_id"], c["object_id"], c["state_topic"]) for c in configs},
                             {("wmbus_cen_12345678_01_%s_total_m3" % t,) * 2 +
                              ("wmbus/cen_12345678_01_%s/total_m3" % t,) for t in expected})
            heard.stop()
            broker.stop()

    def test_user_password_and_tls(self):
        def openssl(*args):
            subprocess.run(["openssl", *args], check=True, capture_output=True)

        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt",
                "-subj", "/CN=test authority", "-days", "2")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "b.key", "-out", "b.csr", "-subj",
                "/CN=localhost")
        openssl("x509", "-req", "-in", "b.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-out", "b.crt", "-days", "2")
        subprocess.run(["mosquitto_passwd", "-c", "-b", "passwords", "rx", "open sesame"], check=True)
        os.chmod("passwords", 0o644)
        os.chmod("b.key", 0o644)
        os.chmod(".", 0o755)
        folder = os.getcwd()
        broker = Broker(extra="password_file %s/passwords\nallow_anonymous false\ncafile %s/ca.crt\n"
                        "certfile %s/b.crt\nkeyfile %s/b.key\n" % ((folder,) * 4))
        heard = Subscriber(broker.port, "-u", "rx", "-P", "open sesame", "--cafile", "ca.crt",
                           "--insecure")
        target = "mqtt:localhost,port=%d,ca=ca.crt,user=rx" % broker.port
        self.check(run("wmbus-rx", "-o", target, STREET), 5, "not authorised")
        result = run("wmbus-rx", "-o", target + ",password=open sesame", STREET)
        self.check(result, 2, "expected it in the configuration file")
        self.assertNotIn(b"open sesame", result.stderr)
        with open("login.yaml", "w") as f:
            f.write("outputs:\n  - mqtt: {host: localhost, port: %d, ca: ca.crt, user: rx, "
                    "password: open sesame}\n" % broker.port)
        os.chmod("login.yaml", 0o600)
        self.check(run("wmbus-rx", "-c", "login.yaml", STREET), 0)
        heard.until("wmbus/els_12345678_33_03")
        self.check(run("wmbus-rx", "-o", "mqtt:localhost,tls=yes,port=%d" % broker.port, STREET), 5,
                   "cannot connect to localhost")
        self.check(run("wmbus-rx", "-o", target + ",cert=nowhere", STREET), 5, "cannot read one of")
        heard.stop()
        broker.stop()

    def test_no_broker(self):
        result = run("wmbus-rx", "-o", "mqtt:127.0.0.1,port=%d" % free_port(), STREET)
        self.check(result, 5, "Connection refused")

    def test_broker_comes_goes_and_comes_back(self):
        """It keeps what it has for a subscriber that is not there, so that no message passes unheard."""
        keeps = "allow_anonymous true\nuser root\npersistence true\npersistence_location %s/\n" % os.getcwd()
        for_subscriber = ("-i", "heard", "-c")
        topic = "wmbus/els_12345678_33_03/total_m3"
        broker = Broker(extra=keeps)
        port = broker.port
        Subscriber(port, *for_subscriber).stop()
        broker.stop()
        rx = self.start("-o", "json", "-o", "mqtt:127.0.0.1,port=%d" % port)
        self.feed(rx)
        self.assertIn(b"total_m3", rx.stdout.readline())  # nobody waits for the broker
        self.says(rx, "output mqtt: MQTT: no connection to 127.0.0.1")
        broker = Broker(port, keeps)
        heard = Subscriber(port, *for_subscriber)
        heard.until(topic)  # and what came meanwhile is not lost
        broker.stop()
        heard.stop()
        self.feed(rx, 2)
        self.assertIn(b"total_m3", rx.stdout.readline())
        broker = Broker(port, keeps)
        heard = Subscriber(port, *for_subscriber)
        heard.until(topic)
        heard.until(topic)
        self.feed(rx)
        heard.until("homeassistant/sensor/wmbus_els_12345678_33_03/total_m3/config")  # told anew
        self.end(rx)
        heard.until("wmbus/availability", "offline")
        heard.stop()
        broker.stop()

    def test_no_broker_ever_comes(self):
        rx = self.start("-o", "json", "-o", "mqtt:127.0.0.1,port=%d" % free_port())
        self.feed(rx, 3)
        for _ in range(3):
            self.assertIn(b"total_m3", rx.stdout.readline())
        lost = int(re.search(r"MQTT: (\d+) messages were lost: MQTT: no connection", self.end(rx, 5))[1])
        self.assertGreaterEqual(lost, 3 * len(("the object", "total_m3", "status")))

    def test_connection_is_closed_while_it_is_written_to(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            rx = self.start("-o", "mqtt:127.0.0.1,port=%d" % listening.getsockname()[1], "-o", "json")
            connection = Connection(listening)
            messages = connection.published(1)
            connection.acknowledge(messages)
            self.feed(rx, 8)
            for _ in range(8):
                self.assertIn(b"total_m3", rx.stdout.readline())
            held = connection.published(20)  # that many may be on their way
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            connection.acknowledge(held)
            connection.close()  # so that the end comes with what makes room for more
            connection = Connection(listening)
            rx.stdin.close()
            messages += held + connection.acknowledge_all()
            self.assertNotIn("MQTT: 1", self.end(rx))
            connection.close()
        topics = [topic for _, topic, _ in messages]
        for topic in "wmbus/els_12345678_33_03", "wmbus/els_12345678_33_03/total_m3":
            self.assertEqual(topics.count(topic), 8)

    def test_connection_is_closed_before_the_last_is_acknowledged(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            rx = self.start("-o", "mqtt:127.0.0.1,discovery=no,port=%d" % listening.getsockname()[1])
            connection = Connection(listening)
            connection.acknowledge(connection.published(1))
            self.feed(rx)
            rx.stdin.close()
            messages = []
            while not messages or '"event":"stop"' not in messages[-1][2]:
                messages += connection.published(1)
            connection.close()
            connection = Connection(listening)
            again = connection.acknowledge_all()
            self.end(rx)
            connection.close()
        self.assertEqual([message[1:] for message in again if message[1] != "wmbus/availability"],
                         [message[1:] for message in messages])

    def test_a_signal_ends_it_with_everything_told(self):
        """Whatever one output was given, the others were too: a file, the broker, a ZeroMQ subscriber."""
        broker = Broker()
        heard = Subscriber(broker.port)
        address = "ipc://" + os.path.abspath("socket")
        watch = start([BIN + "/wmbus-watch", address], stdout=subprocess.PIPE, text=True)
        rx = self.start("-o", "json", "-o", "json:told.json", "-o", "mqtt:127.0.0.1,port=%d" % broker.port,
                        "--zmq", address, "--zmq-wait", "1")
        self.feed(rx, 50)
        told = [rx.stdout.readline() for _ in range(40)]
        rx.send_signal(signal.SIGTERM)
        told += rx.stdout.readlines()
        self.end(rx)
        with open("told.json", "rb") as f:
            self.assertEqual(f.readlines(), told)
        heard.until("wmbus/availability", "offline")
        self.assertEqual([payload for topic, payload, _ in heard.messages if topic == "wmbus/els_12345678_33_03"],
                         [line.decode().rstrip("\n") for line in told])
        self.assertEqual(json.loads(heard.last("wmbus/event"))["event"], "stop")
        times = [json.loads(line)["time_s"] for line in told]
        for t in times:
            heads = (line for line in watch.stdout if " s  " in line)
            self.assertTrue(next(heads).strip().startswith("%.3f s" % t))
        watch.terminate()
        watch.communicate()
        heard.stop()
        broker.stop()

    def test_broker_that_hangs(self):
        broker = Broker()
        rx = self.start("-o", "json", "-o", "mqtt:127.0.0.1,port=%d" % broker.port)
        self.feed(rx)
        rx.stdout.readline()
        broker.process.send_signal(signal.SIGSTOP)
        self.feed(rx, 30)
        for _ in range(30):
            self.assertIn(b"total_m3", rx.stdout.readline())
        rx.send_signal(signal.SIGTERM)
        error = self.end(rx, 5)
        self.assertRegex(error, "MQTT: [0-9]+ messages were lost: the broker was too slow")
        broker.stop()

    def test_last_will(self):
        broker = Broker()
        heard = Subscriber(broker.port)
        rx = self.start("-o", "mqtt:127.0.0.1,port=%d" % broker.port)
        heard.until("wmbus/availability", "online")
        rx.kill()
        heard.until("wmbus/availability", "offline")
        rx.communicate()
        heard.stop()
        broker.stop()


if __name__ == "__main__":
    unittest.main()
