"""Objects of the libraries that scientists use, as values and files that can be sent.

They are known by their module's name and what they can do: nothing is imported for them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import MissingExtra

if TYPE_CHECKING:
    from .staging import Staging

PARQUET = ("application/vnd.apache.parquet", "application/x-parquet", "application/parquet")


def from_library(value: Any, schema: Mapping[str, Any], staging: Staging) -> Any:
    """Give what a library's object stands for in an input; None when it is not known.

    Raises
    ------
    ValueError, TypeError
        When it does not fit the input, with what to give instead.
    """
    module = type(value).__module__.partition(".")[0]
    cwl_class = _class_of(schema)
    if module == "eodh_jupyter" and hasattr(value, "is_file"):
        return _result(value, cwl_class, staging)
    if module == "pystac" and hasattr(value, "get_self_href"):
        return _stac(value, schema, cwl_class, staging)
    if hasattr(value, "to_csv") and hasattr(value, "columns"):
        return _frame(value, schema, cwl_class, staging)
    if hasattr(value, "__geo_interface__"):
        return _geometry(value, schema, cwl_class, staging)
    if isinstance(value, bytes | bytearray | io.BytesIO):
        return _bytes(value, cwl_class, staging)
    if getattr(getattr(value, "dtype", None), "kind", "") == "M":
        # NumPy gives moments in nanoseconds as whole numbers.
        return value.astype("datetime64[us]").tolist()
    for method in ("tolist", "to_dict"):
        if callable(convert := getattr(value, method, None)):
            return convert()
    return None


def _class_of(schema: Mapping[str, Any]) -> str | None:
    options = [schema, *schema.get("oneOf", [])]
    return next((str(o["x-cwl-class"]) for o in options if "x-cwl-class" in o), None)


def _result(value: Any, cwl_class: str | None, staging: Staging) -> Any:
    """Give a result of another job: its value, or its file or folder."""
    if not (value.is_file or value.is_folder):
        return value.value
    if cwl_class is None:
        raise TypeError(f"{value!r} is a file; the input takes none")
    return staging.path(value.path(), cwl_class)


def _stac(value: Any, schema: Mapping[str, Any], cwl_class: str | None, staging: Staging) -> Any:
    href = value.get_self_href()
    is_local = href is not None and "://" not in href
    if cwl_class == "Directory":
        if not is_local:
            raise ValueError(f"{value!r} is in no folder of this computer; save it, give the path")
        return staging.path(_parent(href), cwl_class)
    if cwl_class == "File":
        return staging.content(json.dumps(_absolute(value)).encode(), f"{value.id}.json")
    if schema.get("type") == "string":
        if href is None:
            raise ValueError(f"{value!r} has no address; the input takes one")
        return href
    return _absolute(value)


def _absolute(value: Any) -> dict[str, Any]:
    """Give the JSON with addresses that do not depend on where it lies."""
    copy = value.clone()
    if hasattr(copy, "make_asset_hrefs_absolute"):
        copy.make_asset_hrefs_absolute()
    found: dict[str, Any] = copy.to_dict(include_self_link=False, transform_hrefs=False)
    return found


def _parent(href: str) -> Any:
    from pathlib import Path

    return Path(href.removeprefix("file://")).parent


def _frame(value: Any, schema: Mapping[str, Any], cwl_class: str | None, staging: Staging) -> Any:
    """Give a DataFrame as a file in the format that the input asks for, else as records."""
    if cwl_class is None:
        return json.loads(value.to_json(orient="records", date_format="iso"))
    media_type = schema.get("contentMediaType")
    is_spatial = hasattr(value, "geometry") and hasattr(value, "crs")
    if media_type in PARQUET:
        buffer = io.BytesIO()
        try:
            value.to_parquet(buffer)
        except ImportError as error:
            raise MissingExtra("a DataFrame as Parquet", "pyarrow") from error
        return staging.content(buffer.getvalue(), "table.parquet")
    if is_spatial and media_type != "text/csv":
        return staging.content(
            value.to_json(to_wgs84=value.crs is not None).encode(), "features.geojson"
        )
    # An index that was not given is no column.
    has_index = type(value.index).__name__ != "RangeIndex"
    return staging.content(value.to_csv(index=has_index).encode(), "table.csv")


def _geometry(
    value: Any, schema: Mapping[str, Any], cwl_class: str | None, staging: Staging
) -> Any:
    if cwl_class == "File":
        content = json.dumps(value.__geo_interface__).encode()
        return staging.content(content, "geometry.geojson")
    kind = type(value).__name__
    if schema.get("type") == "string":
        raise TypeError(
            f"a {kind} does not fit a text; give shape.wkt, or its box: "
            '",".join(map(str, shape.bounds))'
        )
    is_box = schema.get("type") == "array" or "bbox" in schema.get("properties", {})
    if is_box and hasattr(value, "bounds"):
        return list(value.bounds)
    return dict(value.__geo_interface__)


def _bytes(value: Any, cwl_class: str | None, staging: Staging) -> Any:
    if cwl_class != "File":
        raise TypeError("bytes fit a file alone; give text.decode() for a text")
    content = value.getvalue() if isinstance(value, io.BytesIO) else bytes(value)
    return staging.content(content, "data")
