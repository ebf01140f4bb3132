"""A log of 100 MB: its end, and what is in it."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .measure import Measure, repeat

CHUNKS = 12


def measures() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as folder:
        store = filled(Path(folder))
        yield Measure("last 500 lines of a log of 100 MB", 0.3, repeat(5, lambda: page(store)))
        yield Measure("search in a log of 100 MB", 2.0, repeat(5, lambda: search(store)))


def filled(folder: Path) -> Any:
    """Give a store with the log."""
    from eodh_runner.store.folder import FolderStore

    store = FolderStore(folder)
    chunk = b"".join(b"line %08d of a long log, nothing to see\n" % n for n in range(200_000))
    for number in range(CHUNKS):
        store.put(f"log/{number * len(chunk):015d}", chunk)
    return store


def page(store: Any) -> float:
    """Give the seconds of the last lines."""
    from eodh_runner.service.log_lines import LogLines

    began = time.perf_counter()
    found = LogLines(store).page("log", -500, 500)
    took_s = time.perf_counter() - began
    if len(found.lines) != 500:
        raise RuntimeError(f"{len(found.lines)} lines")
    return took_s


def search(store: Any) -> float:
    """Give the seconds of a search that finds one line in each chunk."""
    from eodh_runner.service.log_lines import LogLines, Wanted

    began = time.perf_counter()
    found = LogLines(store).search("log", Wanted.text("00199999"), -1, 100)
    took_s = time.perf_counter() - began
    if found.total != CHUNKS:
        raise RuntimeError(f"{found.total} lines")
    return took_s
