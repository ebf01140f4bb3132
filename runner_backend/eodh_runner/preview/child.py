"""The forkserver of children that draw: warm, then one jailed child for each picture.

Started by `host.py` with a socket as its descriptor 0; each message on it carries the
descriptor of a child's channel.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import warnings
from pathlib import Path

from ..engine import jail
from . import frame

IDLE_S = 300.0
CPU_S = 10
WALL_S = 25
#: Memory beyond what the forkserver has.
MORE_BYTES = 1 << 30


def main() -> None:
    """Warm up, then fork for each picture until the socket closes or nothing comes."""
    from . import raster  # noqa: F401  what takes long to load

    warnings.simplefilter("ignore")  # rasters without a place are common

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control = socket.socket(fileno=0)
    gc.collect()
    gc.freeze()
    control.sendall(b"w")
    control.settimeout(IDLE_S)
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        except TimeoutError:
            return
        if not message or not descriptors:
            return
        if os.fork() == 0:
            control.detach()
            _child(socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])


class _Pipe:
    """A socket by reads and writes alone: the jail leaves no other call to it."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def sendall(self, data: bytes) -> None:
        """Write all of it."""
        while data:
            data = data[os.write(self._handle, data) :]

    def recv(self, size: int) -> bytes:
        """Read what is there."""
        return os.read(self._handle, size)


def _child(sock: socket.socket) -> None:
    # In the place of the control socket, which no child needs: a database of projections
    # is only opened where the first descriptors are taken.
    os.dup2(sock.detach(), 0)
    channel = _Pipe(0)
    try:
        _, body = frame.receive(channel)
        request = json.loads(body)
        _close()
        _draw(channel, request)
    except EOFError:
        pass
    except MemoryError:
        frame.send(channel, frame.REFUSED, b"it needs more memory than a preview may take")
    except Exception as error:  # noqa: BLE001  the edge of the process
        frame.send(channel, frame.REFUSED, f"it cannot be drawn: {error!r}"[:500].encode())
    finally:
        os._exit(0)


def _close() -> None:
    """Jail this process, closer than an engine: it lives for one picture."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + MORE_BYTES

    def limit() -> None:
        for kind, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_S)):
            resource.setrlimit(kind, (value, value))

    signal.alarm(WALL_S)
    jail.close(limit)


def _draw(channel: frame.Channel, request: dict[str, object]) -> None:
    from . import raster

    def read(offset: int, limit: int) -> bytes:
        frame.send(channel, frame.ASK, frame.RANGE.pack(offset, limit))
        return frame.receive(channel)[1]

    try:
        facts, picture = raster.draw(
            read, int(str(request["size_bytes"])), str(request["driver"]), int(str(request["size"]))
        )
    except raster.Undrawn as error:
        frame.send(channel, frame.REFUSED, str(error).encode("utf-8", "replace"))
        return
    frame.send(channel, frame.FACTS, json.dumps(facts, allow_nan=False).encode())
    frame.send(channel, frame.PICTURE, picture)


if __name__ == "__main__":
    main()
