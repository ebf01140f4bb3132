"""One band on its grid, read from and written to GeoTIFF."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.crs import CRS
from rasterio.windows import Window


class BadInput(Exception):
    """An input cannot be used; the text names it and the remedy."""


@dataclass(frozen=True)
class Raster:
    """One band and where it lies."""

    #: `(y, x)`, north first.
    values: np.ndarray
    #: None for pictures without a georeference.
    crs: CRS | None
    #: From (column, row) to coordinates.
    transform: Affine

    @property
    def cell_m2(self) -> float:
        """Area of a cell; the reference system counts in metres."""
        return abs(self.transform.a * self.transform.e)


def read(path: Path, window: Window | None = None) -> Raster:
    """Give the first band as float32, NaN where no data are."""
    with rasterio.open(path) as source:
        values = source.read(1, window=window, masked=True).astype("float32").filled(np.nan)
        transform = source.transform if window is None else source.window_transform(window)
        return Raster(values, source.crs, transform)


def write(path: Path, raster: Raster, nodata: float) -> None:
    """Write a cloud-optimised GeoTIFF; the same values give the same bytes."""
    height, width = raster.values.shape
    profile = {
        "driver": "COG",
        "dtype": raster.values.dtype,
        "count": 1,
        "height": height,
        "width": width,
        "crs": raster.crs,
        "transform": raster.transform,
        "nodata": nodata,
        "compress": "deflate",
        "overview_resampling": "nearest",
    }
    with rasterio.open(path, "w", **profile) as out:
        out.write(raster.values, 1)
    print(f"wrote {path.name}: {width} x {height} cells, {path.stat().st_size} bytes")
