"""The runner's side: hands ranges of one file to a child, and believes it nothing."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from . import frame
from .png import SIGNATURE

#: Bytes of one file that are read for its picture.
MAX_READ_BYTES = 64 << 20
MAX_RANGE_BYTES = 4 << 20
WARM_S = 60.0
DRAW_S = 30.0
#: Pictures that are drawn at the same time; others wait.
MAX_CHILDREN = 2
REMEDY = "pip install 'eodh-jupyter[preview]' beside the runner, and start it again"

Read = Callable[[int, int], bytes]


class Undrawable(Exception):
    """There is no picture; the text says why, for a person."""


@dataclass(frozen=True)
class Drawing:
    """What a child drew."""

    #: width, height, bands, dtype; crs, bbox and nodata where they are known.
    facts: dict[str, Any]
    #: Empty where there is none; then `reason` says why.
    picture: bytes = field(repr=False)
    reason: str | None = None


class Renderer:
    """Draws rasters and pictures in jailed children of one warm forkserver."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MAX_CHILDREN)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def draw(self, read: Read, size_bytes: int, driver: str, size: int) -> Drawing:
        """Draw a file.

        Parameters
        ----------
        read
            Gives a range of the file, by offset and length.
        driver
            GTiff, PNG or JPEG: the only way in which the file is read.
        size
            Pixels of the long side.

        Raises
        ------
        Undrawable
            With the reason.
        """
        if importlib.util.find_spec("rasterio") is None:
            raise Undrawable(f"pictures need rasterio, which is not installed; {REMEDY}")
        if not self._slots.acquire(timeout=DRAW_S):
            raise Undrawable("too many previews are being drawn; try again")
        try:
            request = {"size_bytes": size_bytes, "driver": driver, "size": size}
            return self._converse(read, json.dumps(request).encode())
        finally:
            self._slots.release()

    def close(self) -> None:
        """End the forkserver; children end with their channels."""
        with self._lock:
            self._end()

    def _converse(self, read: Read, request: bytes) -> Drawing:
        with self._fork() as channel:
            channel.settimeout(DRAW_S)
            left, facts = MAX_READ_BYTES, {}
            try:
                frame.send(channel, frame.REQUEST, request)
                while True:
                    kind, body = frame.receive(channel)
                    if kind == frame.ASK:
                        offset, limit = frame.RANGE.unpack(body)
                        left -= limit
                        if left < 0 or limit > MAX_RANGE_BYTES:
                            raise Undrawable(
                                "too much of it would have to be read; write it as a Cloud "
                                "Optimized GeoTIFF, with overviews"
                            )
                        frame.send(channel, frame.BYTES, read(offset, limit))
                    elif kind == frame.FACTS:
                        facts = _facts(json.loads(body))
                    elif kind == frame.PICTURE:
                        picture = body if body.startswith(SIGNATURE) else b""
                        return Drawing(facts, picture, facts.pop("reason", None))
                    else:
                        raise Undrawable(body.decode("utf-8", "replace")[:500])
            except TimeoutError as error:
                raise Undrawable("it took too long to draw") from error
            except (EOFError, OSError) as error:
                raise Undrawable("it takes more time or memory than a preview may") from error
            except (ValueError, TypeError) as error:
                raise Undrawable("it cannot be drawn") from error

    def _fork(self) -> socket.socket:
        """Give the channel to a new child; a forkserver that ended is started again."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            for _ in range(2):
                control = self._start()
                try:
                    socket.send_fds(control, [b"f"], [theirs.fileno()])
                except OSError:
                    self._end()
                else:
                    return ours
        ours.close()
        raise Undrawable("the part of the runner that draws does not start; see the runner's log")

    def _start(self) -> socket.socket:
        if self._control is not None and self._process and self._process.poll() is None:
            return self._control
        self._end()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "eodh_runner.preview.child"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )
        self._control = ours
        ours.settimeout(WARM_S)
        with suppress(OSError):
            if ours.recv(1) == b"w":
                return ours
        self._end()
        raise Undrawable("the part of the runner that draws does not start; see the runner's log")

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _facts(told: Any) -> dict[str, Any]:
    """Give the facts that have the form of facts."""
    found: dict[str, Any] = {}
    for name in ("width", "height", "bands"):
        if isinstance(told.get(name), int):
            found[name] = told[name]
    for name in ("dtype", "crs", "reason"):
        if isinstance(told.get(name), str):
            found[name] = told[name][:2000]
    box = told.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)):
        found["bbox"] = box
    if _is_number(told.get("nodata")):
        found["nodata"] = told["nodata"]
    return found


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "PYTHONPATH") if k in os.environ}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    return {**kept, **threads, "HOME": "/nonexistent"}
