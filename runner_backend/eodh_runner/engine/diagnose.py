"""From errors of cwltool and schema-salad to diagnostics: the innermost, in words, with places."""

from __future__ import annotations

import re

from ..domain.process import Diagnostic

_PLACE = re.compile(r"^\S*?:(\d+):(\d+):\s+(.*)$")
_FRAME = re.compile(
    r"^(\'[^\']*\'|.*is not valid because( tried .* but)?|tried .* but|Tool definition .*:"
    r"|while (constructing|parsing|scanning) .*)$"
)
_NOISE = [
    (re.compile(r"Tool definition \S+ failed (validation|initialization):\s*"), ""),
    (re.compile(r"in file [`']https://package\.invalid/package\.cwl'"), "in the document"),
    (re.compile(r"https://package\.invalid/(package\.cwl#?)?"), ""),
    (re.compile(r"checking (object|field) \S*'"), ""),
    (re.compile(r",? (expected one of: |tried ).*"), ""),
    (re.compile(r"<class 'ruamel\.\S*Float'>|<class 'float'>"), "a number"),
    (re.compile(r"<class 'ruamel\.\S*Int'>|<class 'int'>"), "a number"),
]
_MAX = 500


def at(message: str, line: int | None) -> str:
    """Give the message with its line in front."""
    return f"line {line}: {message}" if line else message


def place_of(text: str, name: str) -> tuple[int | None, int | None]:
    """Give line and column, from 1, where a document names a thing: as a key, as an id, at all."""
    word = re.escape(name)
    for pattern in (
        rf"^[ \t-]*[{{,]?\s*[\"']?({word})[\"']?\s*:",
        rf"\bid[\"']?\s*:\s*[\"']?#?({word})\b",
        rf"(?<![\w-])({word})(?![\w-])",
    ):
        found = re.search(pattern, text, re.MULTILINE)
        if found:
            start = found.start(1)
            return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return None, None


def diagnose(error: Exception, refusals: dict[str, str]) -> list[Diagnostic]:
    """Give the innermost mistakes of a validation error.

    Parameters
    ----------
    refusals
        Why an address could not be read; stands for "undefined reference to" it.
    """
    places: dict[tuple[int | None, int | None], list[str]] = {}
    place: tuple[int | None, int | None] = (None, None)
    for text in str(error).splitlines():
        found = _PLACE.match(text)
        if found:
            place, text = (int(found[1]), int(found[2])), found[3]
        places.setdefault(place, []).append(text.strip(" *-\t"))
    told = []
    for where, words in places.items():
        message = _in_words(" ".join(word for word in words if word), refusals)
        if message and not _FRAME.match(message):
            told.append(Diagnostic(message[:_MAX], *where))
    placed = [diagnostic for diagnostic in told if diagnostic.line is not None]
    return (placed or told)[:20] or [Diagnostic("the document is not valid CWL")]


def _in_words(message: str, refusals: dict[str, str]) -> str:
    for url, why in refusals.items():
        if f"'{url}'" in message or f"`{url}`" in message:
            return why
    for pattern, instead in _NOISE:
        message = pattern.sub(instead, message)
    return message.strip()
