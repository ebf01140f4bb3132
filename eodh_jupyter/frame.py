"""Tables as DataFrames."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import MissingExtra
from .raster import only

if TYPE_CHECKING:
    from .result import Result

BY_TYPE = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/vnd.apache.parquet": ".parquet",
    "application/geo+json": ".geojson",
    "application/json": ".json",
}


def to_pandas(result: Result, options: dict[str, Any]) -> Any:
    """Give what `Result.to_pandas` says."""
    try:
        import pandas
    except ImportError as error:
        raise MissingExtra("to_pandas", "pandas") from error
    if result.is_folder:
        return only(result, tuple(READERS), "table").to_pandas(**options)
    if isinstance(result.value, list):
        if not all(entry.is_file for entry in result):
            return pandas.DataFrame(result.value)
        frames = [entry.to_pandas(**options) for entry in result]
        return pandas.concat(frames, keys=range(len(frames)), names=["entry"])
    kind = BY_TYPE.get(result.media_type, "")
    name = str(result.value["title"]).lower()
    ending = next((known for known in READERS if name.endswith(known)), kind)
    if ending not in READERS:
        known = ", ".join(READERS)
        raise TypeError(
            f"'{result.name}' ({result.media_type}) is no table that is known here: {known}; "
            "read it from .open() or .path()"
        )
    return READERS[ending](pandas, result, options)


def _csv(pandas: Any, result: Result, options: dict[str, Any]) -> Any:
    is_tabbed = str(result.value["title"]).lower().endswith((".tsv", ".tab"))
    return pandas.read_csv(result.open(), **{**({"sep": "\t"} if is_tabbed else {}), **options})


def _parquet(pandas: Any, result: Result, options: dict[str, Any]) -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("to_pandas of Parquet", "pyarrow") from error
    metadata = parquet.read_schema(result.open()).metadata or {}
    library = _geopandas(result) if b"geo" in metadata else pandas
    return library.read_parquet(result.open(), **options)


def _json(pandas: Any, result: Result, options: dict[str, Any]) -> Any:
    return pandas.read_json(result.open(), **options)


def _geojson(pandas: Any, result: Result, options: dict[str, Any]) -> Any:
    try:
        return _features(pandas, result, options)
    except MissingExtra:
        features = json.loads(result.read())["features"]
        return pandas.json_normalize(features, **options)


def _features(_pandas: Any, result: Result, options: dict[str, Any]) -> Any:
    return _geopandas(result).read_file(result.open(), **options)


def _geopandas(result: Result) -> Any:
    try:
        import geopandas
    except ImportError as error:
        raise MissingExtra(f"to_pandas of {result.value['title']}", "geopandas") from error
    return geopandas


READERS: dict[str, Callable[[Any, Result, dict[str, Any]], Any]] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".tsv": _csv,
    ".tab": _csv,
    ".parquet": _parquet,
    ".geoparquet": _parquet,
    ".geojson": _geojson,
    ".json": _json,
    ".gpkg": _features,
    ".fgb": _features,
    ".kml": _features,
}
