"""From the folder of a step run to its manifest; from its log to one useful line."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote

from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.step import Kind, ManifestEntry

CHUNK = 1 << 20
MAX_LINE = 300
MAX_LINKS = 40
MAX_ENTRIES = 1_000_000

_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_ERROR = re.compile(r"error|fatal|exception", re.I)
_TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Found:
    """One entry of a folder as it shall be kept."""

    #: Relative to the folder.
    path: str
    kind: Literal["file", "directory", "input", "dangling"]
    #: Where its content really is in the folder; differs from `path` behind links.
    real: str = ""
    #: Location of the input, where it is one.
    location: str = ""


def scan(folder: Path, workdir: str, links: Mapping[str, str]) -> list[Found]:
    """Give every entry below `folder`, links followed.

    Parameters
    ----------
    workdir
        Path of the folder as the tool saw it; absolute links are read by it.
    links
        Location by path of the tool of the inputs that were staged.

    Raises
    ------
    StepFailed
        Class document: a link leaves the folder, an entry is neither file nor folder,
        or a name is not UTF-8.
    """
    found: list[Found] = []
    for entry in _Scan(folder, workdir, links).walk("", "", ("",)):
        found.append(entry)
        if len(found) > MAX_ENTRIES:
            raise _refused(entry.path, f"is one of more than {MAX_ENTRIES} files")
    return found


def make_manifest(
    folder: Path,
    found: list[Found],
    inputs: Mapping[str, Path],
    known: Mapping[str, str] | None = None,
) -> tuple[ManifestEntry, ...]:
    """Give the manifest of what `scan` found, files hashed once.

    Parameters
    ----------
    inputs
        Source by location of the inputs that were staged.
    known
        Checksums by path that need not be computed again.
    """
    sums: dict[tuple[int, int], str] = {}
    entries = []
    for item in found:
        if item.kind == "directory":
            entries.append(ManifestEntry(item.path, "directory"))
        elif item.kind == "file":
            entries.append(_entry(item, folder / item.real, sums, (known or {}).get(item.path)))
        elif item.kind == "input":
            source = _source(item.location, inputs)
            if source is not None and source.exists():
                entries.append(_entry(item, source, sums))
    return tuple(entries)


def keep(folder: Path, found: list[Found]) -> None:
    """Make the folder hold what `scan` found: content for links, nothing for inputs.

    Doing it again after a crash in the middle completes it.
    """
    for item in found:
        path = folder / item.path
        if item.kind in ("input", "dangling"):
            _remove(path)
        elif item.real != item.path:
            if path.is_symlink():
                path.unlink()
            if item.kind == "directory":
                path.mkdir(exist_ok=True)
            elif not path.exists():
                os.link(folder / item.real, path, follow_symlinks=False)


def sha1(path: Path) -> str:
    """Give the checksum of a file as CWL writes it: `sha1$<hex>`."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return "sha1$" + digest.hexdigest()


def log_line(text: bytes) -> str | None:
    """Give the line of a log that says most about a failure, as plain text.

    The last line of a Python traceback, else the first that speaks of an error, else
    the last; at most 300 characters without colours and control characters.
    """
    plain = _ANSI.sub(b"", text).decode("utf-8", "replace")
    lines = ["".join(c for c in line if c.isprintable()) for line in plain.splitlines()]
    filled = [line for line in lines if line.strip()]
    if not filled:
        return None
    chosen = _traceback_end(filled) or next(filter(_ERROR.search, filled), filled[-1])
    return chosen.strip()[:MAX_LINE]


def _traceback_end(lines: list[str]) -> str | None:
    starts = [number for number, line in enumerate(lines) if line.startswith(_TRACEBACK)]
    if not starts:
        return None
    return next((line for line in lines[starts[-1] + 1 :] if not line.startswith(" ")), None)


class _Scan:
    def __init__(self, folder: Path, workdir: str, links: Mapping[str, str]) -> None:
        self._folder, self._workdir, self._links = folder, workdir, links

    def walk(self, path: str, real: str, above: tuple[str, ...]) -> Iterator[Found]:
        """Give what is below the real folder `real`, shown at `path`."""
        for name in sorted(os.listdir(self._folder / real)):
            shown, below = posixpath.join(path, name), posixpath.join(real, name)
            _require_text(shown)
            yield from self._entry(shown, below, above)

    def _entry(self, path: str, real: str, above: tuple[str, ...]) -> Iterator[Found]:
        kind, value = self._follow(path, posixpath.join(self._workdir, real))
        if kind != "inside":
            yield Found(path, "input" if kind == "input" else "dangling", real, value)
            return
        host = self._folder / value
        mode = host.lstat().st_mode
        if stat.S_ISDIR(mode):
            if value in above:
                raise _refused(path, "is a link to a folder that holds it")
            os.chmod(host, stat.S_IMODE(mode) | 0o700)
            yield Found(path, "directory", value)
            yield from self.walk(path, value, (*above, value))
        elif stat.S_ISREG(mode):
            os.chmod(host, stat.S_IMODE(mode) | 0o400)
            yield Found(path, "file", value)
        else:
            raise _refused(path, "is neither a file nor a folder")

    def _follow(self, path: str, start: str) -> tuple[str, str]:
        """Follow links as the tool's own system would, within what it was shown."""
        current, left, count = "/", start.split("/")[1:], 0
        while left:
            name = left.pop(0)
            if name in ("", "."):
                continue
            current = posixpath.dirname(current) if name == ".." else posixpath.join(current, name)
            if current in self._links:
                rest = posixpath.normpath("/".join(left)) if left else "."
                if not rest.startswith(".."):
                    tail = "" if rest == "." else "/" + quote(rest)
                    return "input", self._links[current].rstrip("/") + tail
                continue
            if not current.startswith(self._workdir + "/"):
                continue
            host = self._folder / current[len(self._workdir) + 1 :]
            if host.is_symlink():
                count += 1
                target = os.readlink(host)
                if count > MAX_LINKS:
                    return "dangling", ""
                left = [*target.split("/"), *left]
                current = "/" if target.startswith("/") else posixpath.dirname(current)
            elif left and not host.is_dir():
                return "dangling", ""
        if current == self._workdir or current.startswith(self._workdir + "/"):
            real = current[len(self._workdir) + 1 :]
            return ("inside", real) if (self._folder / real).exists() else ("dangling", "")
        raise _refused(path, f"is a link to '{current}', which leaves the folder of the step")


def _source(location: str, inputs: Mapping[str, Path]) -> Path | None:
    for known, source in inputs.items():
        if location == known:
            return source
        if location.startswith(known.rstrip("/") + "/"):
            return source / unquote(location[len(known.rstrip("/")) + 1 :])
    return None


def _entry(
    item: Found, host: Path, sums: dict[tuple[int, int], str], checksum: str | None = None
) -> ManifestEntry:
    status, location = host.stat(), item.location or None
    kind: Kind = "directory" if stat.S_ISDIR(status.st_mode) else "file"
    if kind == "directory":
        return ManifestEntry(item.path, kind, location=location)
    known = (status.st_dev, status.st_ino)
    if known not in sums:
        sums[known] = checksum or sha1(host)
    return ManifestEntry(item.path, kind, status.st_size, sums[known], location)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _require_text(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        shown = path.encode("utf-8", "backslashreplace").decode()
        raise _refused(shown, "has a name that is not UTF-8") from error


def _refused(path: str, what: str) -> StepFailed:
    return StepFailed(
        Failure(
            FailureClass.DOCUMENT,
            f"output '{path}' {what}",
            "Leave only plain files and folders, and links between them, in the work folder.",
        )
    )
