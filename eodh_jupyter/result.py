"""Results of a job: by name or attribute, read when asked."""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .http import Transport


class Result:
    """One output: a plain value, a file, a folder, or a list of them."""

    def __init__(self, http: Transport, name: str, value: Any) -> None:
        self._http, self.name = http, name
        #: The plain value; for files and folders their link (href, type, title, length).
        self.value = value

    @property
    def is_file(self) -> bool:
        """True for one file."""
        return isinstance(self.value, dict) and "href" in self.value and not self.is_folder

    @property
    def is_folder(self) -> bool:
        """True for a folder."""
        return isinstance(self.value, dict) and self.value.get("rel") == "directory"

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

    def path(self) -> Path:
        """Give a local copy of the file or folder, kept until this Python ends."""
        return self.download(Path(tempfile.mkdtemp(prefix="eodh-result-")))

    def download(self, folder: str | Path) -> Path:
        """Copy the file or folder into a folder; gives where it is now."""
        target = Path(folder).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        if self.is_file:
            return self._fetch(self.value["href"], target, self.value["title"])
        if self.is_folder:
            root = target / _safe(self.value["title"])
            base = self.value["href"].partition("?")[0]
            for file in self.files():
                path = root.joinpath(*map(_safe, file["path"].split("/")))
                path.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(f"{base}/{quote(file['path'])}", path.parent, path.name)
            return root
        if isinstance(self.value, list):
            for index, item in enumerate(self.value):
                Result(self._http, f"{self.name}/{index}", item).download(target / str(index))
        else:
            (target / f"{_safe(self.name)}.json").write_text(json.dumps(self.value))
        return target

    def files(self) -> list[dict[str, Any]]:
        """Give the files of a folder: path, name, size_bytes."""
        if not self.is_folder:
            raise TypeError(f"'{self.name}' is not a folder")
        found: list[dict[str, Any]] = self._http.request("GET", self.value["href"]).json()["files"]
        return found

    def __getitem__(self, index: int) -> Result:
        """Give one entry of a list."""
        return Result(self._http, f"{self.name}/{index}", self.value[index])

    def __len__(self) -> int:
        """Give the length of a list."""
        return len(self.value)

    def __repr__(self) -> str:
        """Show one line."""
        if self.is_file or self.is_folder:
            size = f", {self.value['length']:,} B" if "length" in self.value else ""
            return f"Result({self.name}: {self.value['title']}{size})"
        return f"Result({self.name}: {self.value!r})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        import base64

        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if self.is_file and self.value.get("type") in ("image/png", "image/jpeg"):
            bundle[self.value["type"]] = base64.b64encode(self.read()).decode()
        return bundle

    def _fetch(self, href: str, folder: Path, name: str) -> Path:
        target = folder / _safe(name)
        # A name of its own: the longest names leave no room for a suffix.
        part = folder / f".part-{uuid.uuid4().hex}"
        with self._http.stream(href) as answer, part.open("wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)
        shutil.move(part, target)
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
            f"<tr><td><code>{escape(n)}</code></td><td>{escape(repr(r)[7:-1])}</td></tr>"
            for n, r in self._found.items()
        )
        return f"<table><thead><tr><th>Output</th><th>What</th></tr></thead>{rows}</table>"


def _safe(name: str) -> str:
    """Give a name that stays in its folder."""
    return name.replace("/", "_").replace("\0", "_") if name not in ("", ".", "..") else "_"
