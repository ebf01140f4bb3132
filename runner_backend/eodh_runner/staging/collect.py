"""From the folder of a step run to its manifest; from its log to one useful line."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.step import ManifestEntry

CHUNK = 1 << 20
MAX_LINE = 300

#: Location and file on this computer, by the path as the tool saw it.
Links = dict[str, tuple[str, Path]]
_ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_ERROR = re.compile(r"\b(error|fatal|exception|failed|cannot|not found|denied|killed)\b", re.I)


def make_manifest(folder: Path, workdir: str, links: Links) -> tuple[ManifestEntry, ...]:
    """Give every entry below `folder`; links inside it are replaced by what they name.

    Parameters
    ----------
    workdir
        Path of the folder as the tool saw it; absolute links are read by it.
    links
        What was staged, by target; a link there is an entry of that location.

    Raises
    ------
    StepFailed
        When a link leaves the folder, or an entry is neither file nor folder.
    """
    return tuple(_walk(folder, folder, "", workdir, links, 0))


def _walk(
    root: Path, folder: Path, prefix: str, workdir: str, links: Links, depth: int
) -> Iterator[ManifestEntry]:
    for name in sorted(os.listdir(folder)):
        path, relative = folder / name, f"{prefix}{name}"
        if path.is_symlink():
            linked = _follow(root, path, relative, workdir, links)
            if linked is not None:
                yield linked
                continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and depth < 50:
            yield ManifestEntry(relative, "directory")
            yield from _walk(root, path, f"{relative}/", workdir, links, depth + 1)
        elif stat.S_ISREG(mode):
            yield ManifestEntry(relative, "file", path.stat().st_size, sha1(path))
        elif stat.S_ISLNK(mode):
            continue
        else:
            raise _refused(relative, "is neither a file nor a folder")


def _follow(
    root: Path, path: Path, relative: str, workdir: str, links: Links
) -> ManifestEntry | None:
    """Replace a link within the folder by its content; give an entry for one to an input."""
    target = os.readlink(path)
    seen = os.path.normpath(os.path.join(workdir, os.path.dirname(relative), target))
    if (entry := _of_input(seen, relative, links)) is not None:
        return entry
    if seen != workdir and not seen.startswith(workdir + "/"):
        raise _refused(relative, f"is a link to {target}, which leaves the folder of the step")
    host = root / seen[len(workdir) + 1 :]
    if not host.exists():
        return None
    if not str(host.resolve()).startswith(str(root.resolve()) + os.sep):
        inner = os.readlink(host) if host.is_symlink() else target
        if (entry := _of_input(inner, relative, links)) is not None:
            return entry
        raise _refused(relative, f"is a link to {target}, which leaves the folder of the step")
    if host.is_dir() and path.resolve() in (root.resolve(), *path.parents):
        raise _refused(relative, "is a link to a folder that holds it")
    copied = host.resolve()
    path.unlink()
    if copied.is_dir():
        shutil.copytree(copied, path, symlinks=True)
    else:
        os.link(copied, path)
    return None


def _of_input(seen: str, relative: str, links: Links) -> ManifestEntry | None:
    for staged, (location, host) in links.items():
        if seen == staged or seen.startswith(staged + "/"):
            rest = seen[len(staged) :]
            source, location = Path(str(host) + rest), location + quote(rest)
            if source.is_dir():
                return ManifestEntry(relative, "directory", location=location)
            if source.is_file():
                size = source.stat().st_size
                return ManifestEntry(relative, "file", size, sha1(source), location)
    return None


def _refused(relative: str, what: str) -> StepFailed:
    return StepFailed(
        Failure(
            FailureClass.DOCUMENT,
            f"output '{relative}' {what}",
            "Write outputs as files and folders of the work folder.",
        )
    )


def sha1(path: Path) -> str:
    """Give the checksum of a file as CWL writes it: `sha1$<hex>`."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return "sha1$" + digest.hexdigest()


def log_line(log: bytes) -> str | None:
    """Give the line of a log that says most about a failure, as plain text."""
    text = _ANSI.sub(b"", log).decode("utf-8", "replace")
    lines = ["".join(c for c in line if c.isprintable()).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        return None
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].startswith("Traceback (most recent call last)"):
            return lines[-1][:MAX_LINE]
    found = next((line for line in lines if _ERROR.search(line)), lines[-1])
    return found[:MAX_LINE]
