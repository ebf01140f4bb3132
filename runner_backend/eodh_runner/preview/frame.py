"""What passes between the runner and a child that draws: short frames over one socket."""

from __future__ import annotations

import struct
from typing import Protocol

HEAD = struct.Struct("!cI")
RANGE = struct.Struct("!QI")
#: From the child: a range it wants to read, what it drew, why it cannot.
ASK, FACTS, PICTURE, REFUSED = b"r", b"f", b"p", b"x"
#: To the child: what to draw, the bytes of a range.
REQUEST, BYTES = b"q", b"b"
MAX_BYTES = 16 << 20


class Channel(Protocol):
    """A socket, as far as frames need one."""

    def sendall(self, data: bytes, /) -> object:
        """Send all of it."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Give what came, at most `size` bytes; nothing at the end."""
        ...


def send(channel: Channel, kind: bytes, body: bytes = b"") -> None:
    """Send one frame."""
    channel.sendall(HEAD.pack(kind, len(body)) + body)


def receive(channel: Channel) -> tuple[bytes, bytes]:
    """Give kind and body of the next frame.

    Raises
    ------
    EOFError
        When the other side is gone, or says what is no frame.
    """
    kind, size = HEAD.unpack(_exactly(channel, HEAD.size))
    if size > MAX_BYTES:
        raise EOFError("frame too large")
    return kind, _exactly(channel, size)


def _exactly(channel: Channel, size: int) -> bytes:
    body = bytearray()
    while len(body) < size:
        part = channel.recv(min(size - len(body), 1 << 20))
        if not part:
            raise EOFError("the other side is gone")
        body += part
    return bytes(body)
