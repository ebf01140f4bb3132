"""Cut a band to an area of interest."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from .item import read_item
from .raster import BadInput, read, write

#: Part of a cell by which a bound may miss a cell's edge and still lie on it.
EDGE = 1e-6


def crop(folder: Path, aoi: str, epsg: str, band: str) -> Path:
    """Write the cells of one band that the area touches; gives the file."""
    item = read_item(folder)
    path = item.path(band)
    with rasterio.open(path) as source:
        size, transform, crs = (source.width, source.height), source.transform, source.crs
    window = Window(0, 0, *size)
    if aoi.strip():
        area = parse_area(aoi)
        if crs is None:
            raise BadInput(f"item '{item.id}' has no reference system; leave the area empty")
        bounds = transform_bounds(_system(epsg), crs, *area)
        found = find_window(bounds, transform, size)
        if found is None:
            raise BadInput(
                f"the area {aoi} ({epsg}) does not touch item '{item.id}'; leave the item out"
            )
        window = found
    cells = window.width * window.height
    print(f"{item.id}, band {band}: {100 * cells / (size[0] * size[1]):.0f} % is in the area")
    target = Path(f"{item.id}-{band}.tif")
    write(target, read(path, window), np.nan)
    return target


def _system(epsg: str) -> CRS:
    try:
        return CRS.from_string(epsg)
    except ValueError:  # CRSError, or an int that is none
        raise BadInput(f"'{epsg}' is no reference system; give a code such as EPSG:4326") from None


def parse_area(aoi: str) -> tuple[float, float, float, float]:
    """Give west, south, east, north of a text.

    Examples
    --------
    >>> parse_area("-73.8, -47.9, -73.7, -47.8")
    (-73.8, -47.9, -73.7, -47.8)
    """
    wanted = f"the area '{aoi}' is not west,south,east,north, such as -73.8,-47.9,-73.7,-47.8"
    try:
        west, south, east, north = (float(word) for word in aoi.split(","))
    except ValueError:
        raise BadInput(wanted) from None
    if not (west < east and south < north and all(map(math.isfinite, (west, south, east, north)))):
        raise BadInput(wanted)
    return west, south, east, north


def find_window(
    bounds: tuple[float, float, float, float], transform: Affine, size: tuple[int, int]
) -> Window | None:
    """Give the cells of a north-up grid of (columns, rows) that bounds touch; None for none."""
    if not all(map(math.isfinite, bounds)):  # too far away for the grid's reference system
        return None
    west, south, east, north = bounds
    left, right = ((x - transform.c) / transform.a for x in (west, east))
    top, bottom = ((y - transform.f) / transform.e for y in (north, south))
    first_column, first_row = (max(0, math.floor(start + EDGE)) for start in (left, top))
    last_column, last_row = (
        min(count, math.ceil(end - EDGE)) for count, end in zip(size, (right, bottom), strict=True)
    )
    if last_column <= first_column or last_row <= first_row:
        return None
    return Window(first_column, first_row, last_column - first_column, last_row - first_row)
