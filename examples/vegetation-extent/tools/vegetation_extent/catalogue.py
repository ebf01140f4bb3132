"""Join the masks of scenes, measure and draw them, and describe them as a STAC catalogue."""

from __future__ import annotations

import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import rasterio
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.merge import merge
from rasterio.warp import transform_bounds

from .item import Item, read_item
from .raster import BadInput, Raster, write
from .threshold import NO_DATA

ROOT = Path("catalogue")
COLOURS = {0: (222, 206, 170, 255), 1: (46, 125, 50, 255), NO_DATA: (0, 0, 0, 0)}


def make_catalogue(folders: list[Path], masks: list[Path]) -> float:
    """Write `catalogue` (mosaic, picture, STAC) and `area.txt`; gives the area in km2."""
    items = [read_item(folder) for folder in folders]
    target = ROOT / "vegetation"
    target.mkdir(parents=True)
    joined = join(masks)
    print(f"joined {len(masks)} masks")
    write(target / "mask.tif", joined, NO_DATA)
    draw(joined, target / "preview.png")
    area_km2 = measure(joined)
    Path("area.txt").write_text(f"{area_km2:.4f}\n", encoding="ascii")
    describe(items, joined, area_km2)
    seen_km2 = np.count_nonzero(joined.values != NO_DATA) * joined.cell_m2 / 1e6
    print(f"vegetation covers {area_km2:.4f} km2 of {seen_km2:.4f} km2")
    return area_km2


def join(masks: list[Path]) -> Raster:
    """Give the masks as one; where they overlap, vegetation is where any of them says so."""
    crs = _system(masks)
    values, transform = merge(masks, nodata=NO_DATA, method=_either)
    return Raster(values[0], crs, transform)


def _system(masks: list[Path]) -> CRS:
    """Give the reference system that all masks share; it counts in metres."""
    systems = []
    for path in masks:
        with rasterio.open(path) as source:
            systems.append(source.crs)
    if any(crs != systems[0] for crs in systems):
        names = ", ".join(sorted({str(crs) for crs in systems}))
        raise BadInput(f"the items lie in different reference systems ({names}); take them apart")
    crs = systems[0]
    if crs is None or not crs.is_projected or crs.linear_units_factor[1] != 1:
        raise BadInput(f"an area needs a reference system in metres, not {crs}")
    return crs


def measure(mask: Raster) -> float:
    """Give the area of 1 in km2."""
    return float(np.count_nonzero(mask.values == 1) * mask.cell_m2 / 1e6)


def draw(mask: Raster, target: Path) -> None:
    """Write a mask as a PNG: vegetation green, the rest sand, no data clear."""
    table = np.zeros((256, 4), "uint8")
    for value, colour in COLOURS.items():
        table[value] = colour
    image = np.moveaxis(table[mask.values], -1, 0)
    height, width = mask.values.shape
    profile = {"driver": "PNG", "dtype": "uint8", "count": 4, "height": height, "width": width}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(target, "w", **profile) as out:
            out.write(image)
    target.with_name(f"{target.name}.aux.xml").unlink(missing_ok=True)
    print(f"wrote {target.name}: {target.stat().st_size} bytes")


def describe(items: list[Item], mask: Raster, area_km2: float) -> None:
    """Write a catalogue of one STAC item: the mask and its picture."""
    height, width = mask.values.shape
    bounds = rasterio.transform.array_bounds(height, width, mask.transform)
    west, south, east, north = (
        round(degree, 7) for degree in transform_bounds(mask.crs, "EPSG:4326", *bounds)
    )
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    start = min((item.times[0] for item in items), key=_moment)
    end = max((item.times[1] for item in items), key=_moment)
    period = {} if start == end else {"start_datetime": start, "end_datetime": end}
    item = pystac.Item(
        id="vegetation",
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[west, south, east, north],
        datetime=_moment(start) if start == end else None,
        properties={
            "title": "Vegetation extent",
            **period,
            "vegetation:area_km2": round(area_km2, 4),
            "vegetation:items": [item.id for item in items],
        },
    )
    for name, media, role in (
        ("mask.tif", pystac.MediaType.COG, "data"),
        ("preview.png", pystac.MediaType.PNG, "overview"),
    ):
        asset = pystac.Asset(href=f"./{name}", media_type=media, roles=[role])
        item.add_asset(name.partition(".")[0], asset)
    catalogue = pystac.Catalog("vegetation-extent", "Vegetation by NDVI and Otsu's threshold")
    catalogue.add_item(item)
    catalogue.normalize_hrefs(str(ROOT))
    catalogue.save(pystac.CatalogType.SELF_CONTAINED)
    print(f"wrote the catalogue of {len(items)} scenes, {start} to {end}")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _either(old: Any, new: Any, old_empty: Any, new_empty: Any, **_: Any) -> None:
    """Join in place, as rasterio's merge asks of its methods."""
    old[:] = np.where(new_empty, old, np.where(old_empty, new, np.maximum(old, new)))
