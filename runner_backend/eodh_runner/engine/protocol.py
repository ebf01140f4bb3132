"""Frames between engine and worker: a length of four bytes, then JSON."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
MAX_FRAME_BYTES = 256 << 20


class Channel:
    """The engine's end: blocking, single-threaded."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        body = json.dumps(message).encode()
        data = memoryview(LENGTH.pack(len(body)) + body)
        # By write(2): the jail closes sendto(2), which could reach other sockets.
        while data:
            data = data[os.write(self._sock.fileno(), data) :]

    def receive(self) -> dict[str, Any]:
        """Wait for one message; raises EOFError when the worker is gone."""
        size = LENGTH.unpack(self._exactly(LENGTH.size))[0]
        if size > MAX_FRAME_BYTES:
            raise EOFError("frame too large")
        message: dict[str, Any] = json.loads(self._exactly(size))
        return message

    def has_message(self) -> bool:
        """Tell whether a message waits."""
        return bool(select.select([self._sock], [], [], 0)[0])

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            chunk = self._sock.recv(size - len(data))
            if not chunk:
                raise EOFError("the worker is gone")
            data += chunk
        return bytes(data)
