"""Results of a job: by name or attribute, read when asked and by range."""

from __future__ import annotations

import functools
import json
import mimetypes
import posixpath
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, unquote

from .display.words import value_words
from .errors import EodhError, Problem
from .http import Transport

if TYPE_CHECKING:
    from .preview import Preview


class Result:
    """One output: a plain value, a file, a folder, or a list or record of them.

    Everything is read through the runner, with its credentials and never the user's own.

    Parameters
    ----------
    name
        Path within the job: the output, then entries or names of files ("stac/a/b.tif").
    """

    def __init__(self, http: Transport, job_id: str, name: str, value: Any) -> None:
        self._http, self._job_id, self.name = http, job_id, name
        #: The plain value; for files and folders their link (href, type, title, length).
        self.value = value
        self._copy: Path | None = None
        self._files: list[dict[str, Any]] | None = None

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

    @property
    def media_type(self) -> str:
        """Media type of a file, as the runner tells it."""
        return str(self._link()["type"]).partition(";")[0].strip()

    def read(self) -> bytes:
        """Give the bytes of the file."""
        return self._http.request("GET", self._link()["href"]).content

    def text(self) -> str:
        """Give the file as text (UTF-8)."""
        return self.read().decode()

    def json(self) -> Any:
        """Give the file as JSON."""
        return json.loads(self.read())

    def open(self) -> BinaryIO:
        """Open the file for reading, seekable; what is read is fetched by range."""
        from .range import open_ranged

        return open_ranged(self._http, self._link()["href"], self.value.get("length"))

    def path(self) -> Path:
        """Give a local copy of the file or folder, kept until this Python ends."""
        if self._copy is None or not self._copy.exists():
            self._copy = self.download(tempfile.mkdtemp(dir=_copies()))
        return self._copy

    def to_xarray(self, **options: Any) -> Any:
        """Give a raster as an xarray object whose pixels are read by range when they are used.

        Parameters
        ----------
        options
            For `rioxarray.open_rasterio` (`masked=True`, `overview_level=2`, `chunks`, ...),
            for `xarray.open_dataset` with NetCDF, or `xarray.open_zarr` with a folder of Zarr.

        Returns
        -------
        xarray.DataArray or xarray.Dataset
            `(band, y, x)` of a GeoTIFF, a Dataset of NetCDF or of a folder of Zarr. A list for
            a list; for another folder its only raster.

        Raises
        ------
        MissingExtra
            Without `pip install "eodh-jupyter[results]"`.
        """
        from .raster import to_xarray

        return to_xarray(self, options)

    def to_pandas(self, **options: Any) -> Any:
        """Give a table as a DataFrame: CSV, Parquet, JSON; GeoJSON and the like with geometry.

        Parameters
        ----------
        options
            For the reader of pandas or geopandas.

        Returns
        -------
        pandas.DataFrame or geopandas.GeoDataFrame
            The tables of a list below each other, with the place in the list as outer index;
            for a folder its only table.

        Raises
        ------
        MissingExtra
            Without `pip install "eodh-jupyter[results]"`.
        """
        from .frame import to_pandas

        return to_pandas(self, options)

    def to_stac(self) -> Any:
        """Give STAC JSON as pystac objects; of a folder its catalogue.

        What they link to is read through the runner. Open an asset by
        `job.results["stac"][item.assets["mask"]].to_xarray()`.

        Returns
        -------
        pystac.Catalog, pystac.Collection, pystac.Item or pystac.ItemCollection
            A list of them for a list.

        Raises
        ------
        MissingExtra
            Without `pip install "eodh-jupyter[results]"`.
        """
        from .catalogue import to_stac

        return to_stac(self)

    def preview(self, size: int = 512) -> Preview:
        """Give a small look at a file, made by the runner: picture, table or text.

        Parameters
        ----------
        size
            Pixels on the long side of a picture, at most.
        """
        from .preview import read_preview

        return read_preview(self._http, self._job_id, self.name, size)

    def download(self, path: str | Path, *, progress: Callable[[int], None] | None = None) -> Path:
        """Copy what the output holds into a folder; gives where it is now.

        Lists and records become folders, plain values a JSON file.

        Parameters
        ----------
        progress
            Called with the length of each piece, in bytes.
        """
        target = Path(path).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        if self.is_file:
            return self._fetch(self.value["href"], target, self.value["title"], progress)
        if self.is_folder:
            root = target / safe_name(self.value["title"])
            root.mkdir(exist_ok=True)
            for file in self.files():
                there = root.joinpath(*map(safe_name, file["path"].split("/")))
                there.parent.mkdir(parents=True, exist_ok=True)
                self._fetch(self._address(file["path"]), there.parent, there.name, progress)
            return root
        if not _holds_link(self.value):
            there = target / f"{safe_name(self.name)}.json"
            there.write_text(json.dumps(self.value))
            return there
        entries = self.value.items() if isinstance(self.value, dict) else enumerate(self.value)
        for key, item in entries:
            name = safe_name(str(key))
            Result(self._http, self._job_id, name, item).download(target / name, progress=progress)
        return target

    def files(self) -> list[dict[str, Any]]:
        """Give the files of a folder: path, name, size_bytes."""
        if not self.is_folder:
            raise TypeError(f"'{self.name}' is not a folder")
        if self._files is None:
            found = self._http.request("GET", self.value["href"]).json()["files"]
            self._files = list(found)
        return self._files

    def __getitem__(self, key: Any) -> Result:
        """Give an entry of a list or record; of a folder a file, by path, address or STAC asset."""
        if self.is_folder:
            return self._within(key)
        return Result(self._http, self._job_id, f"{self.name}/{key}", self.value[key])

    def __iter__(self) -> Iterator[Any]:
        """Give the entries of a list, the names of a record, the paths of a folder's files."""
        if self.is_folder:
            return iter([file["path"] for file in self.files()])
        if isinstance(self.value, list):
            return (self[index] for index in range(len(self.value)))
        if isinstance(self.value, dict) and not self.is_file:
            return iter(self.value)
        raise TypeError(f"'{self.name}' is one {'file' if self.is_file else 'value'}")

    def __len__(self) -> int:
        """Give the length of a list, or how many files a folder holds."""
        return len(self.files() if self.is_folder else self.value)

    def __bool__(self) -> bool:
        """Tell that there is a result, also when it is an empty list."""
        return True

    def __repr__(self) -> str:
        """Show one line."""
        return f"Result({self.name}: {value_words(self.value)})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if self.is_file:
            try:
                return self.preview()._repr_mimebundle_()
            except EodhError:
                # Showing an object never fails; its one line needs no runner.
                return bundle
        return bundle

    def _ipython_key_completions_(self) -> list[str]:
        return [] if self.is_file or not isinstance(self.value, dict) else list(self)

    def _link(self) -> dict[str, Any]:
        if not self.is_file:
            what = "a folder; take a file of it by its path" if self.is_folder else "no file"
            raise TypeError(f"'{self.name}' is {what}, or see .value")
        link: dict[str, Any] = self.value
        return link

    def _address(self, path: str = "") -> str:
        """Give the address of a folder, or of a file within."""
        base = str(self.value["href"]).partition("?")[0]
        return f"{base}/{quote(path, errors='surrogateescape')}"

    def _within(self, key: Any) -> Result:
        """Give a file or folder below this one."""
        key = str(key.get_absolute_href() if hasattr(key, "get_absolute_href") else key)
        # Addresses are percent-encoded, paths are as they are written.
        is_address = key.startswith(self._address())
        path = unquote(key.removeprefix(self._address())) if is_address else key
        path = posixpath.normpath(path)
        if path.startswith(("..", "/")) or path == "." or (not is_address and "://" in key):
            raise KeyError(f"'{key}' is not in the folder '{self.name}'")
        address = self._address(path)
        link: dict[str, Any] = {
            "title": posixpath.basename(path),
            "type": _type_of(path),
            "href": address,
        }
        try:
            answer = self._http.request("HEAD", address)
        except Problem as problem:
            if problem.status not in (400, 404):
                raise
            link |= {"href": f"{address}?f=listing", "rel": "directory"}
        else:
            length = int(answer.headers.get("Content-Length", 0))
            link |= {"type": answer.headers.get("Content-Type", link["type"]), "length": length}
        found = Result(self._http, self._job_id, f"{self.name}/{path}", link)
        if found.is_folder and not found.files():
            raise KeyError(f"there is no '{path}' in '{self.name}'; .files() lists what there is")
        return found

    def _fetch(
        self, href: str, folder: Path, name: str, progress: Callable[[int], None] | None
    ) -> Path:
        target = folder / safe_name(name)
        # A name of its own: the longest names leave no room for a suffix.
        part = folder / f".part-{uuid.uuid4().hex}"
        try:
            self._http.save(href, part, progress)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return target


class Results(Mapping[str, Result]):
    """Results by output id, also as attributes."""

    def __init__(self, http: Transport, job_id: str, found: dict[str, Any]) -> None:
        self._found = {name: Result(http, job_id, name, value) for name, value in found.items()}

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

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._found)

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


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


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


def safe_name(name: str) -> str:
    """Give a name that stays in its folder."""
    return name.replace("/", "_").replace("\0", "_") if name not in ("", ".", "..") else "_"
