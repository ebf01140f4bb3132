"""Results of a job: by name or attribute, read when asked."""

from __future__ import annotations

import base64
import functools
import json
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from .display.words import value_words
from .errors import EodhError
from .http import Transport

MAX_PICTURE_BYTES = 5_000_000


class Result:
    """One output: a plain value, a file, a folder, or a list of them."""

    def __init__(self, http: Transport, name: str, value: Any) -> None:
        self._http, self.name = http, name
        #: The plain value; for files and folders their link (href, type, title, length).
        self.value = value
        self._copy: Path | None = None

    @property
    def is_file(self) -> bool:
        """True for one file."""
        return _is_link(self.value) and not self.is_folder

    @property
    def is_folder(self) -> bool:
        """True for a folder."""
        return _is_link(self.value) and self.value.get("rel") == "directory"

    @property
    def href(self) -> str | None:
        """Address of the file or folder; None for a plain value."""
        return str(self.value["href"]) if _is_link(self.value) else None

    def read(self) -> bytes:
        """Give the bytes of the file."""
        if not self.is_file:
            raise TypeError(f"'{self.name}' is not one file; see .value")
        return self._http.request("GET", self.value["href"]).content

    def text(self) -> str:
        """Give the file as text (UTF-8)."""
        return self.read().decode()

    def json(self) -> Any:
        """Give the file as JSON."""
        return json.loads(self.read())

    def open(self) -> BinaryIO:
        """Open the file for reading; it is copied here first."""
        if not self.is_file:
            raise TypeError(f"'{self.name}' is not one file; see .value")
        return self.path().open("rb")

    def path(self) -> Path:
        """Give a local copy of the file or folder, kept until this Python ends."""
        if self._copy is None or not self._copy.exists():
            self._copy = self.download(tempfile.mkdtemp(dir=_copies()))
        return self._copy

    def download(self, path: str | Path) -> Path:
        """Copy what the output holds into a folder; gives where it is now.

        Lists and records become folders, plain values a JSON file.
        """
        target = Path(path).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        if self.is_file:
            return self._fetch(self.value["href"], target, self.value["title"])
        if self.is_folder:
            root = target / _safe(self.value["title"])
            root.mkdir(exist_ok=True)
            base = self.value["href"].partition("?")[0]
            for file in self.files():
                there = root.joinpath(*map(_safe, file["path"].split("/")))
                there.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(f"{base}/{quote(file['path'])}", there.parent, there.name)
            return root
        if not _holds_link(self.value):
            there = target / f"{_safe(self.name)}.json"
            there.write_text(json.dumps(self.value))
            return there
        entries = self.value.items() if isinstance(self.value, dict) else enumerate(self.value)
        for key, item in entries:
            name = _safe(str(key))
            Result(self._http, name, item).download(target / name)
        return target

    def files(self) -> list[dict[str, Any]]:
        """Give the files of a folder: path, name, size_bytes."""
        if not self.is_folder:
            raise TypeError(f"'{self.name}' is not a folder")
        found: list[dict[str, Any]] = self._http.request("GET", self.value["href"]).json()["files"]
        return found

    def __getitem__(self, index: int | str) -> Result:
        """Give one entry of a list or record."""
        return Result(self._http, f"{self.name}/{index}", self.value[index])

    def __len__(self) -> int:
        """Give the length of a list."""
        return len(self.value)

    def __repr__(self) -> str:
        """Show one line."""
        return f"Result({self.name}: {value_words(self.value)})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        is_small = self.is_file and self.value.get("length", MAX_PICTURE_BYTES) < MAX_PICTURE_BYTES
        if is_small and self.value.get("type") in ("image/png", "image/jpeg"):
            try:
                bundle[self.value["type"]] = base64.b64encode(self.read()).decode()
            except EodhError:
                # Showing an object never fails; its one line needs no runner.
                return bundle
        return bundle

    def _fetch(self, href: str, folder: Path, name: str) -> Path:
        target = folder / _safe(name)
        # A name of its own: the longest names leave no room for a suffix.
        part = folder / f".part-{uuid.uuid4().hex}"
        try:
            self._http.save(href, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return target


class Results(Mapping[str, Result]):
    """Results by output id, also as attributes."""

    def __init__(self, http: Transport, found: dict[str, Any]) -> None:
        self._found = {name: Result(http, name, value) for name, value in found.items()}

    def __getitem__(self, name: str) -> Result:
        """Give one output."""
        if name not in self._found:
            raise KeyError(f"no output '{name}'; there are: {', '.join(self._found) or 'none'}")
        return self._found[name]

    def __getattr__(self, name: str) -> Result:
        """Give one output."""
        if name.startswith("_") or name not in self._found:
            raise AttributeError(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """Give the output ids."""
        return iter(self._found)

    def __len__(self) -> int:
        """Give how many outputs there are."""
        return len(self._found)

    def __dir__(self) -> list[str]:
        """Complete output ids."""
        return [*super().__dir__(), *self._found]

    def __repr__(self) -> str:
        """Show one line per output."""
        return "\n".join(map(repr, self._found.values())) or "Results()"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(n)}</code></td><td>{escape(value_words(r.value))}</td></tr>"
            for n, r in self._found.items()
        )
        return f"<table><thead><tr><th>Output</th><th>What</th></tr></thead>{rows}</table>"


def _is_link(value: Any) -> bool:
    """Tell a file or folder from a plain record that has a member of that name."""
    return isinstance(value, dict) and {"href", "type", "title"} <= set(value)


def _holds_link(value: Any) -> bool:
    if _is_link(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_holds_link, inner))


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="eodh-result-")


def _copies() -> str:
    """Give the folder of local copies, which ends with this Python."""
    return _kept().name


def _safe(name: str) -> str:
    """Give a name that stays in its folder."""
    return name.replace("/", "_").replace("\0", "_") if name not in ("", ".", "..") else "_"
