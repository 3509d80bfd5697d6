#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small rtl_tcp server for tests. It plays a file to whoever connects, at the speed of the air,
and misbehaves as it is told: stalls, drops the connection, clips, talks nonsense."""
import socket
import threading
import time

BLOCK = 16384


class RtlTcpServer:
    def __init__(self, samples, rate_sps=1.6e6, n_gains=3, header=None, drop_after=None,
                 stall_after=None, gain=lambda index, samples: samples, speed=1.0, odd=False,
                 byte_wise=0, at_ppm=None, port=0):
        """drop_after, stall_after: bytes of the first connection; gain: what samples become;
        byte_wise: the first bytes, header included, come one by one; at_ppm: samples by what the
        frequency is corrected by."""
        self.byte_wise, self.n_bytes = byte_wise, 0
        self.samples, self.rate_sps, self.gain, self.speed = samples, rate_sps, gain, speed
        self.header = b"RTL0\0\0\0\5" + n_gains.to_bytes(4, "big") if header is None else header
        self.drop_after, self.stall_after, self.odd = drop_after, stall_after, odd
        self.at_ppm = at_ppm
        self.commands, self.n_connections, self.gain_index = [], 0, 0
        self.listening = socket.create_server(("127.0.0.1", port))
        self.port = self.listening.getsockname()[1]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.listening.close()
        self.thread.join(5)

    @property
    def address(self):
        return "rtl_tcp:127.0.0.1:%d" % self.port

    def told(self, command):
        """What it was told by a command, each time."""
        return [value for what, value in self.commands if what == command]

    def _serve(self):
        self.listening.settimeout(0.1)
        while not self.over.is_set():
            try:
                connection, _ = self.listening.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.n_connections += 1
            with connection:
                try:
                    self._play(connection)
                except OSError:
                    pass

    def _take_commands(self, connection):
        connection.setblocking(False)
        try:
            while data := connection.recv(5):
                self.commands.append((data[0], int.from_bytes(data[1:], "big", signed=True)))
                if data[0] == 0x0D:
                    self.gain_index = self.commands[-1][1]
                if data[0] == 5 and self.at_ppm:
                    self.samples = self.at_ppm(self.commands[-1][1])
        except BlockingIOError:
            pass
        connection.setblocking(True)

    def _send(self, connection, data):
        while self.byte_wise > 0 and data:
            connection.sendall(data[:1])
            data = data[1:]
            self.byte_wise -= 1
            time.sleep(0.001)
        connection.sendall(data)

    def _play(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._send(connection, self.header)
        start, sent, first = time.monotonic(), 0, self.n_connections == 1
        while not self.over.is_set():
            self._take_commands(connection)
            at = sent % len(self.samples)
            block = self.gain(self.gain_index, self.samples[at:at + BLOCK])
            if self.odd:
                connection.sendall(block[:3])
                block = block[3:]
                sent += 3
            self._send(connection, block)
            sent += len(block)
            self.n_bytes = sent
            if first and self.drop_after is not None and sent >= self.drop_after:
                return
            if first and self.stall_after is not None and sent >= self.stall_after:
                self.over.wait(60)
                return
            ahead = sent / 2 / self.rate_sps / self.speed - (time.monotonic() - start)
            # after it was held up, no faster than a receiver can follow
            time.sleep(max(ahead, len(block) / 2 / self.rate_sps / self.speed / 4))
