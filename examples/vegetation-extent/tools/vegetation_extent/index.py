"""Normalised difference of two bands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from .raster import BadInput, read, write


def normalized_difference(first: Path, second: Path) -> Path:
    """Write (first - second) / (first + second); NaN where a band has none or both are zero."""
    a, b = read(first), read(second)
    if (a.values.shape, a.transform, a.crs) != (b.values.shape, b.transform, b.crs):
        raise BadInput(
            f"{first.name} and {second.name} lie on different grids; take bands of one resolution"
        )
    total = a.values + b.values
    empty = np.full_like(total, np.nan)
    index = np.divide(a.values - b.values, total, out=empty, where=total != 0)
    if not np.isfinite(index).any():
        raise BadInput(f"{first.name} and {second.name} have no data in the area; choose another")
    print(f"normalised difference from {np.nanmin(index):.3f} to {np.nanmax(index):.3f}")
    target = Path("index.tif")
    write(target, replace(a, values=index), np.nan)
    return target
