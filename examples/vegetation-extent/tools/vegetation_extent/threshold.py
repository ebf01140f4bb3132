"""Otsu's threshold: the one that separates two classes of values best."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from .raster import BadInput, read, write

#: What a mask holds where no data are.
NO_DATA = 255
BINS = 256


def otsu(path: Path) -> Path:
    """Write the mask of a raster: 1 above its threshold, 0 below, 255 where no data are."""
    raster = read(path)
    has_data = np.isfinite(raster.values)
    if not has_data.any():
        raise BadInput(f"{path.name} has no data; a threshold needs some")
    threshold = find_threshold(raster.values[has_data])
    mask = np.where(has_data, raster.values > threshold, NO_DATA).astype("uint8")
    share = 100 * np.count_nonzero(mask == 1) / np.count_nonzero(has_data)
    print(f"threshold {threshold:.3f}, {share:.1f} % above it")
    target = Path("mask.tif")
    write(target, replace(raster, values=mask), NO_DATA)
    return target


def find_threshold(values: np.ndarray) -> float:
    """Give the threshold with the greatest variance between the classes (Otsu, 1979).

    Notes
    -----
    Over a histogram of 256 bins, as in scikit-image; the centre of the last bin of the lower
    class. Values that are all equal give that value.

    Examples
    --------
    >>> 0.0 <= find_threshold(np.array([0.0, 0.0, 1.0, 1.0])) < 1.0
    True
    """
    values = values.astype("float64")
    if values.min() == values.max():
        return float(values[0])
    counts, edges = np.histogram(values, BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    sums = counts * centres
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    mean_below = np.cumsum(sums)[:-1] / below
    mean_above = (sums.sum() - np.cumsum(sums)[:-1]) / above
    between = below * above * (mean_below - mean_above) ** 2
    return float(centres[int(np.argmax(between))])
