"""STAC of results as pystac objects, whose links are followed through the runner alone."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from .errors import EodhError, MissingExtra

if TYPE_CHECKING:
    from .result import Result

ROOTS = ("catalog.json", "collection.json", "item.json")


def to_stac(result: Result) -> Any:
    """Give what `Result.to_stac` says."""
    try:
        import pystac
    except ImportError as error:
        raise MissingExtra("to_stac", "pystac") from error
    if result.is_folder:
        return _root_of(result).to_stac()
    if isinstance(result.value, list):
        return [entry.to_stac() for entry in result]
    reader = _reader(result)
    href = str(result._link()["href"])
    document = reader.read_json(href)
    if document.get("type") == "FeatureCollection":
        return pystac.ItemCollection.from_dict(document)
    try:
        found = reader.stac_object_from_dict(document, href)
    except (pystac.STACTypeError, pystac.STACError, KeyError, TypeError) as error:
        raise ValueError(f"'{result.name}' is no STAC: {error}") from error
    if isinstance(found, pystac.Catalog):
        found._stac_io = reader
    return found


def _root_of(folder: Result) -> Result:
    """Give the catalogue of a folder: the one nearest to its top, else its only JSON file."""
    paths = sorted((str(path) for path in folder), key=lambda p: (p.count("/"), p))
    for name in ROOTS:
        if found := next((p for p in paths if posixpath.basename(p) == name), None):
            return folder[found]
    documents = [p for p in paths if p.endswith((".json", ".geojson"))]
    if len(documents) != 1:
        raise ValueError(f"'{folder.name}' holds no catalog.json, collection.json or item.json")
    return folder[documents[0]]


def _reader(result: Result) -> Any:
    """Give a reader of STAC for what the job of a result holds, and nothing else."""
    from pystac.stac_io import DefaultStacIO

    http, base = result._http, str(result.value["href"]).partition("/results/")[0] + "/results/"

    class Reader(DefaultStacIO):
        def read_text(self, source: Any, *_: Any, **__: Any) -> str:
            href = str(getattr(source, "get_absolute_href", lambda: source)() or source)
            if not href.startswith(base) or ".." in href:
                # A link of a catalogue must not make a notebook read files or addresses of its own.
                raise EodhError(f"{href} is not among the results; open it with pystac yourself")
            return http.request("GET", href).text

        def write_text(self, *_: Any, **__: Any) -> None:
            raise EodhError("results cannot be written; .download() gives a copy")

    return Reader()
