"""Logs by line: pages of lines and search, in bounded memory also while a log grows."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..store import Store
from .log import LogText

#: Newlines are counted by blocks of this size: 400 numbers for a log of 100 MB.
BLOCK = 256 << 10
MAX_LINES = 2000
MAX_MATCHES = 1000
#: A search that finds this many looks no further: its total is a least.
MAX_COUNTED = 20_000
MAX_CHARACTERS = 5000
#: Bytes of one line that are kept: enough for as many characters of UTF-8.
KEPT_BYTES = 4 * MAX_CHARACTERS + 1
MAX_INDEXES = 64
#: What a line that reports something holds, in small letters, and the words as they count.
LEVELS = {
    "error": (
        ("error", "exception", "fatal", "critical", "traceback", "panic"),
        re.compile(
            r"\b(?:errors?|fatal|critical|exception|traceback|panic)\b|\w(?:error|exception)\b"
        ),
    ),
    "warning": (("warn",), re.compile(r"\b(?:warnings?|warn)\b|\wwarning\b")),
}
#: Escape sequences of terminals; a search looks between them.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\n]*(?:\x07|\x1b\\)|[@-Z\\-_])")


@dataclass(frozen=True)
class Page:
    """Some lines of a log."""

    #: Number of the first line, from 0.
    first: int
    lines: list[str]
    total_lines: int
    size_bytes: int


@dataclass(frozen=True)
class Match:
    """A line that holds what was searched for."""

    line: int
    text: str


@dataclass(frozen=True)
class Found:
    """The result of a search."""

    matches: list[Match]
    #: Lines that match; at least so many when it is `MAX_COUNTED`.
    total: int
    #: True when more lines match behind the last one given.
    is_cut: bool
    #: The first line that may still grow: a later search can begin there.
    next: int


@dataclass(frozen=True)
class Wanted:
    """What lines are looked for: one of some texts, in small letters."""

    words: tuple[str, ...]
    #: What of a line with such a text must match; None for any.
    pattern: re.Pattern[str] | None = None

    @classmethod
    def text(cls, q: str) -> Wanted:
        """Look for a text as typed."""
        return cls((q.lower(),))

    @classmethod
    def level(cls, name: str) -> Wanted:
        """Look for lines that report an `error` or a `warning`."""
        return cls(*LEVELS[name])

    def lines(self, lowered: str) -> Iterator[tuple[int, int]]:
        """Give start and end of each line that is wanted, top to bottom."""
        place = 0
        while (at := self._next(lowered, place)) >= 0:
            start = lowered.rfind("\n", 0, at) + 1
            end = lowered.find("\n", at)
            place = end = len(lowered) if end < 0 else end
            if self.pattern is None or self.pattern.search(lowered, start, end):
                yield start, end

    def _next(self, lowered: str, place: int) -> int:
        if len(self.words) == 1:
            return lowered.find(self.words[0], place)
        # The nearest of several: a later word is looked for only before the found one.
        nearest = -1
        for word in self.words:
            at = lowered.find(word, place, len(lowered) if nearest < 0 else nearest)
            nearest = at if at >= 0 else nearest
        return nearest


@dataclass
class _Index:
    """Newlines of each whole block of a log; a log only grows."""

    newlines: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class LogLines:
    """Reads logs by line."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._indexes: OrderedDict[str, _Index] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, key: str, first: int, count: int) -> Page:
        """Give lines of the log below a key.

        Parameters
        ----------
        first
            Number of a line, from 0; negative ones count from the end.
        count
            At most `MAX_LINES` lines.
        """
        text = LogText(self._store, key)
        newlines = self._newlines(key, text)
        total = sum(newlines) + (1 if _ends_open(text) else 0)
        start = max(0, total + first) if first < 0 else first
        wanted = max(0, min(count, MAX_LINES, total - start))
        lines = list(_lines(text, newlines, start, wanted)) if wanted else []
        return Page(start, lines, total, text.size_bytes)

    def search(self, key: str, wanted: Wanted, behind: int, limit: int, first: int = 0) -> Found:
        """Find lines that hold a text or report something, in any case of letters.

        Parameters
        ----------
        behind
            Only lines behind this one are given; -1 for all.
        first
            Lines before this one are neither looked at nor counted.
        """
        matches: list[Match] = []
        total, more = 0, 0
        text = LogText(self._store, key)
        newlines = self._newlines(key, text)
        block, before = _block_of(newlines, first)
        for match in _matches(text, wanted, block * BLOCK, before):
            if match.line < first:
                continue
            if total == MAX_COUNTED:
                more += 1
                break
            total += 1
            if match.line > behind:
                if len(matches) < min(limit, MAX_MATCHES):
                    matches.append(match)
                else:
                    more += 1
        return Found(matches, total, more > 0, sum(newlines))

    def _newlines(self, key: str, text: LogText) -> list[int]:
        """Give the newlines of each block of a log, the last one perhaps short."""
        with self._lock:
            index = self._indexes.setdefault(key, _Index())
            self._indexes.move_to_end(key)
            while len(self._indexes) > MAX_INDEXES:
                self._indexes.popitem(last=False)
        whole = text.size_bytes // BLOCK
        with index.lock:
            while len(index.newlines) < whole:
                block = text.read(len(index.newlines) * BLOCK, BLOCK)
                index.newlines.append(block.count(b"\n"))
            counted = index.newlines[:whole]
        return [*counted, text.read(whole * BLOCK, BLOCK).count(b"\n")]


def _ends_open(text: LogText) -> bool:
    """Tell whether the last line has no end yet."""
    return text.size_bytes > 0 and text.read(text.size_bytes - 1, 1) != b"\n"


def _lines(text: LogText, newlines: list[int], first: int, count: int) -> Iterator[str]:
    """Give `count` lines from `first` on; both are there."""
    block, before = _block_of(newlines, first)
    skipped, line, size = first - before, bytearray(), 0
    for number in range(block, len(newlines)):
        if newlines[number] == 0 and (skipped > 0 or len(line) >= KEPT_BYTES):
            size += BLOCK
            continue
        *ended, rest = text.read(number * BLOCK, BLOCK).split(b"\n")
        for piece in ended:
            if skipped > 0:
                skipped -= 1
            else:
                _extend(line, piece)
                yield _shown(line, size + len(piece))
                count -= 1
                if count == 0:
                    return
            line.clear()
            size = 0
        if skipped == 0:
            _extend(line, rest)
        size += len(rest)
    yield _shown(line, size)


def _block_of(newlines: list[int], line: int) -> tuple[int, int]:
    """Give the block in which a line begins, and the lines that end before it."""
    block, before = 0, 0
    while block + 1 < len(newlines) and before + newlines[block] < line:
        before += newlines[block]
        block += 1
    return block, before


def _extend(line: bytearray, piece: bytes) -> None:
    line += piece[: KEPT_BYTES - len(line)]


def _shown(line: bytearray, size_bytes: int) -> str:
    """Give a line as shown: cut when it is long."""
    text = bytes(line).decode("utf-8", "replace")
    if len(text) > MAX_CHARACTERS or size_bytes > KEPT_BYTES:
        return text[:MAX_CHARACTERS] + "…"
    return text.removesuffix("\r")


def _matches(text: LogText, wanted: Wanted, begin: int, number: int) -> Iterator[Match]:
    """Give the lines that are wanted, from the place of line `number` on."""
    rest, is_counted = b"", False
    for offset in range(begin, text.size_bytes, BLOCK):
        data = rest + text.read(offset, BLOCK)
        is_last = offset + BLOCK >= text.size_bytes
        end = len(data) if is_last else data.rfind(b"\n") + 1
        if end == 0:
            # One line longer than a block: looked at in pieces that overlap.
            if not is_counted and (found := _first(data, wanted)) is not None:
                yield Match(number, found)
                is_counted = True
            rest = data[-KEPT_BYTES:]
            continue
        for match in _in_lines(data[:end], wanted, number):
            if match.line != number or not is_counted:
                yield match
        is_counted = False
        number += data.count(b"\n", 0, end)
        rest = data[end:]


def _first(data: bytes, wanted: Wanted) -> str | None:
    found = next(_in_lines(data, wanted, 0), None)
    return None if found is None else found.text


def _in_lines(data: bytes, wanted: Wanted, number: int) -> Iterator[Match]:
    text = data.decode("utf-8", "replace")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    lowered = text.lower()
    # A few letters grow when small, and with them the places.
    lines = text.split("\n") if len(lowered) != len(text) else None
    seen = within = 0
    for start, end in wanted.lines(lowered):
        within += lowered.count("\n", seen, start)
        seen = start
        line = lines[within] if lines else text[start : min(end, start + MAX_CHARACTERS + 1)]
        yield Match(number + within, _cut(line))


def _cut(line: str) -> str:
    return line[:MAX_CHARACTERS] + "…" if len(line) > MAX_CHARACTERS else line.removesuffix("\r")
