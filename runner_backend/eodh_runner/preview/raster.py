"""Facts and a small picture of one raster, by as few bytes of it as possible.

Runs in the jailed child; the file is only known by a function that reads ranges of it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.warp import transform_bounds

from . import png

Read = Callable[[int, int], bytes]
NAME = "preview"
PAGE = 64 << 10
PAGES = 256
#: Pixels that are decoded for one picture, in bytes.
MAX_DECODED_BYTES = 256 << 20
MAX_BLOCK_BYTES = 64 << 20
LOW, HIGH = 2, 98
SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64 << 20,
    "GDAL_NUM_THREADS": "1",
    "GDAL_MAX_DATASET_POOL_SIZE": "2",
}


class Undrawn(Exception):
    """There is no picture; the text says why."""


def draw(read: Read, size_bytes: int, driver: str, size: int) -> tuple[dict[str, Any], bytes]:
    """Give the facts of a raster, and its picture or nothing with `reason` among the facts.

    Raises
    ------
    Undrawn
        When it cannot be read.
    """
    with rasterio.Env(**SETTINGS):
        try:
            with rasterio.open(NAME, driver=driver, opener=opener_of(read, size_bytes)) as dataset:
                facts = facts_of(dataset)
                try:
                    return facts, png.encode(_picture(dataset, driver, size))
                except Undrawn as error:
                    return {**facts, "reason": str(error)}, b""
        except rasterio.errors.RasterioError as error:
            raise Undrawn(f"it cannot be read: {_short(error)}") from error


def opener_of(read: Read, size_bytes: int) -> Callable[..., RangeFile]:
    """Give what opens the one file for GDAL, which asks for others beside it."""

    def opener(name: str, mode: str = "rb") -> RangeFile:
        if name.rsplit("/", 1)[-1] != NAME or not mode.startswith("r"):
            raise FileNotFoundError(name)
        return RangeFile(read, size_bytes)

    return opener


class RangeFile:
    """A file that is only read by ranges; pages of it are kept."""

    def __init__(self, read: Read, size_bytes: int) -> None:
        self._read, self._size, self._at = read, size_bytes, 0
        self._pages: OrderedDict[int, bytes] = OrderedDict()

    def read(self, size: int = -1) -> bytes:
        """Give bytes from where the file stands."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        found = bytearray()
        while self._at < end:
            start = self._at % PAGE
            part = self._page(self._at // PAGE)[start : start + end - self._at]
            if not part:
                break
            found += part
            self._at += len(part)
        return bytes(found)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        """Give the place."""
        return self._at

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def __enter__(self) -> RangeFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _page(self, number: int) -> bytes:
        if number not in self._pages:
            self._pages[number] = self._read(number * PAGE, PAGE)
            if len(self._pages) > PAGES:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return self._pages[number]


def facts_of(dataset: Any) -> dict[str, Any]:
    """Give what is known of a raster without its pixels; what is not known is left out."""
    facts: dict[str, Any] = {
        "width": dataset.width,
        "height": dataset.height,
        "bands": dataset.count,
        "dtype": dataset.dtypes[0],
    }
    with suppress(rasterio.errors.RasterioError, rasterio.errors.CRSError):
        if dataset.crs:
            facts["crs"] = dataset.crs.to_string()[:2000]
            if box := _bbox(dataset):
                facts["bbox"] = box
    if dataset.nodata is not None and math.isfinite(dataset.nodata):
        facts["nodata"] = dataset.nodata
    return facts


def _bbox(dataset: Any) -> list[float] | None:
    box = transform_bounds(dataset.crs, "EPSG:4326", *dataset.bounds)
    return list(box) if all(math.isfinite(side) for side in box) else None


def _picture(dataset: Any, driver: str, size: int) -> Any:
    """Give pixels `(row, column, 4)` of at most `size` on the long side."""
    scale = min(1.0, size / max(dataset.width, dataset.height))
    shape = tuple(max(1, round(side * scale)) for side in (dataset.height, dataset.width))
    bands = _bands(dataset)
    _require_few(dataset, shape, len(bands))
    is_photo = dataset.dtypes[0] == "uint8" and len(bands) == 3
    method = Resampling.average if is_photo else Resampling.nearest
    data = dataset.read(list(bands), out_shape=(len(bands), *shape), resampling=method)
    shown = dataset.dataset_mask(out_shape=shape) > 0
    if dataset.colorinterp[0] is ColorInterp.palette and len(bands) == 1:
        return _by_palette(data[0], shown, dataset.colormap(1))
    is_as_it_is = data.dtype == np.uint8 and (is_photo or driver != "GTiff")
    grey = [band if is_as_it_is else _stretch(band, shown) for band in data]
    red, green, blue = grey if len(grey) == 3 else grey * 3
    return np.stack([red, green, blue, np.where(shown, 255, 0).astype(np.uint8)], axis=-1)


def _bands(dataset: Any) -> tuple[int, ...]:
    """Give the bands to show: red, green and blue, else the first three, else the first."""
    meant = {colour: number for number, colour in enumerate(dataset.colorinterp, 1)}
    wanted = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(colour in meant for colour in wanted):
        return tuple(meant[colour] for colour in wanted)
    data = [n for n, colour in enumerate(dataset.colorinterp, 1) if colour is not ColorInterp.alpha]
    return tuple(data[:3]) if len(data) >= 3 else (1,)


def _require_few(dataset: Any, shape: tuple[int, ...], bands: int) -> None:
    """Raise Undrawn for what would take too much to decode."""
    pixel_bytes = np.dtype(dataset.dtypes[0]).itemsize * bands
    block = max(rows * columns for rows, columns in dataset.block_shapes)
    is_mixed = str(dataset.interleaving).upper().endswith("PIXEL")
    all_bands = dataset.count if is_mixed else 1
    if block * all_bands * np.dtype(dataset.dtypes[0]).itemsize > MAX_BLOCK_BYTES:
        raise Undrawn("its blocks are too large to decode for a preview; write it in tiles")
    # As GDAL chooses: the smallest level that is not smaller than what is asked for.
    longest = max(dataset.width, dataset.height)
    levels = [f for f in dataset.overviews(1) if longest / f >= max(shape) / 1.2]
    pixels = dataset.width * dataset.height / max(levels, default=1) ** 2
    if pixels * pixel_bytes > MAX_DECODED_BYTES:
        raise Undrawn(
            f"its {dataset.width} × {dataset.height} pixels are too many for a preview, and it has "
            "no small overviews; write it as a Cloud Optimized GeoTIFF"
        )


def _stretch(band: Any, shown: Any) -> Any:
    """Give a band as 0-255 between its 2nd and 98th percentile."""
    values = (np.abs(band) if np.iscomplexobj(band) else band).astype(np.float64)
    known = values[shown & np.isfinite(values)]
    if known.size == 0:
        return np.zeros(band.shape, np.uint8)
    low, high = np.percentile(known, (LOW, HIGH))
    if high <= low:
        low, high = known.min(), known.max()
    if high <= low:
        return np.full(band.shape, 128, np.uint8)
    scaled = np.nan_to_num((values - low) / (high - low), nan=0.0, posinf=1.0, neginf=0.0)
    return (np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _by_palette(band: Any, shown: Any, colours: dict[int, tuple[int, ...]]) -> Any:
    table = np.zeros((max(256, *colours) + 1 if colours else 257, 4), np.uint8)
    for value, colour in colours.items():
        table[value] = colour
    pixels = table[np.clip(band.astype(np.int64), 0, len(table) - 1)]
    pixels[~shown, 3] = 0
    return pixels


def _short(error: Exception) -> str:
    text = str(error).replace(f"/{NAME}", "").strip() or type(error).__name__
    return " ".join(word for word in text.split() if "/vsi" not in word)[:300]
