"""Rasters in, rasters out: crop, normalised difference, threshold, mosaic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.merge import merge
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

NO_DATA = 255
BINS = 256


def crop(item: Path, aoi: str, epsg: str, band: str) -> Path:
    """Write one band of a STAC item cut to the area; gives the file."""
    described = json.loads(next(item.glob("*.json")).read_text())
    assets = described["assets"]
    if band not in assets:
        raise SystemExit(f"error: {described['id']} has no band '{band}'; it has {sorted(assets)}")
    with rasterio.open(item / assets[band]["href"]) as source:
        window = Window(0, 0, source.width, source.height)
        if aoi:
            bounds = transform_bounds(epsg, source.crs, *map(float, aoi.split(",")))
            wanted = (
                from_bounds(*bounds, transform=source.transform).round_offsets().round_lengths()
            )
            try:
                window = wanted.intersection(window)
            except rasterio.errors.WindowError:
                raise SystemExit(f"error: the area {aoi} is outside of {described['id']}") from None
        values = source.read(1, window=window)
        profile = _profile(source, values, source.window_transform(window))
    return _write(Path(f"{described['id']}-{band}.tif"), values, profile)


def difference(first: Path, second: Path) -> Path:
    """Write (first - second) / (first + second), float32, NaN where both are zero."""
    with rasterio.open(first) as a, rasterio.open(second) as b:
        x, y = a.read(1).astype("float32"), b.read(1).astype("float32")
        total = x + y
        index = np.divide(x - y, total, out=np.full_like(x, np.nan), where=total != 0)
        profile = _profile(a, index, a.transform)
    print(f"normalised difference from {np.nanmin(index):.3f} to {np.nanmax(index):.3f}")
    return _write(Path("index.tif"), index, profile)


def otsu(raster: Path) -> Path:
    """Write the mask of values above Otsu's threshold: 1, 0, and 255 where no data are."""
    with rasterio.open(raster) as source:
        index = source.read(1)
        threshold = otsu_threshold(index[np.isfinite(index)])
        mask = np.where(np.isfinite(index), index > threshold, NO_DATA).astype("uint8")
        profile = {**_profile(source, mask, source.transform), "nodata": NO_DATA}
    print(f"threshold {threshold:.3f}, {100 * np.mean(mask == 1):.1f} % above it")
    return _write(Path("mask.tif"), mask, profile)


def otsu_threshold(values: np.ndarray) -> float:
    """Give the threshold that separates two classes best (Otsu, 1979)."""
    counts, edges = np.histogram(values, BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    below, above = np.cumsum(counts), np.cumsum(counts[::-1])[::-1]
    mean_below = np.cumsum(counts * centres) / np.maximum(below, 1)
    mean_above = (np.cumsum((counts * centres)[::-1]) / np.maximum(above[::-1], 1))[::-1]
    between = below[:-1] * above[1:] * (mean_below[:-1] - mean_above[1:]) ** 2
    return float(centres[int(np.argmax(between))])


def mosaic(masks: list[Path], target: Path) -> float:
    """Write the masks joined, overlaps once; gives the area of 1 in km2."""
    joined, transform = merge(masks, nodata=NO_DATA, method="max" if len(masks) == 1 else _either)
    with rasterio.open(masks[0]) as source:
        profile = {**_profile(source, joined[0], transform), "nodata": NO_DATA}
    _write(target, joined[0], profile)
    cell_m2 = abs(transform.a * transform.e)
    return float(np.sum(joined[0] == 1)) * cell_m2 / 1e6


def _either(old: Any, new: Any, old_empty: Any, new_empty: Any, **_: Any) -> None:
    """Join overlaps: vegetation where either says so."""
    old[:] = np.where(new_empty, old, np.where(old_empty, new, np.maximum(old, new)))


def picture(mask: Path, target: Path) -> None:
    """Write a mask as a PNG: vegetation green, the rest sand, no data clear."""
    with rasterio.open(mask) as source:
        values = source.read(1)
    image = np.zeros((4, *values.shape), "uint8")
    for value, colour in ((0, (222, 206, 170, 255)), (1, (46, 125, 50, 255))):
        for channel in range(4):
            image[channel][values == value] = colour[channel]
    profile = {"driver": "PNG", "dtype": "uint8", "count": 4}
    height, width = values.shape
    with rasterio.open(target, "w", height=height, width=width, **profile) as out:
        out.write(image)
    target.with_name(target.name + ".aux.xml").unlink(missing_ok=True)


def _profile(source: Any, values: np.ndarray, transform: Any) -> dict[str, Any]:
    return {
        "driver": "COG",
        "dtype": values.dtype,
        "count": 1,
        "height": values.shape[0],
        "width": values.shape[1],
        "crs": source.crs,
        "transform": transform,
        "compress": "deflate",
    }


def _write(path: Path, values: np.ndarray, profile: dict[str, Any]) -> Path:
    with rasterio.open(path, "w", **profile) as out:
        out.write(values, 1)
    print(f"wrote {path}, {values.shape[1]} x {values.shape[0]} cells")
    return path
