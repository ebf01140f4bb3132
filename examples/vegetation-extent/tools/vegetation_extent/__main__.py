"""`vegetation-extent`: the commands of the application package."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path


def main() -> None:
    """Run one command in the current folder."""
    parser = argparse.ArgumentParser(prog="vegetation-extent", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    crop = commands.add_parser("crop")
    crop.add_argument("--item", type=Path, required=True)
    crop.add_argument("--aoi", default="")
    crop.add_argument("--epsg", default="EPSG:4326")
    crop.add_argument("--band", required=True)
    difference = commands.add_parser("difference")
    difference.add_argument("rasters", type=Path, nargs=2)
    otsu = commands.add_parser("otsu")
    otsu.add_argument("raster", type=Path)
    gather = commands.add_parser("gather")
    gather.add_argument("--item", type=Path, action="append", required=True)
    gather.add_argument("--mask", type=Path, action="append", required=True)
    arguments = parser.parse_args()

    from . import raster

    if arguments.command == "crop":
        raster.crop(arguments.item, arguments.aoi, arguments.epsg, arguments.band)
    elif arguments.command == "difference":
        raster.difference(*arguments.rasters)
    elif arguments.command == "otsu":
        raster.otsu(arguments.raster)
    else:
        _gather(arguments.item, arguments.mask)


def _gather(items: list[Path], masks: list[Path]) -> None:
    """Write the mosaic, its picture, its area, and a catalogue of them."""
    import pystac
    import rasterio
    from rasterio.warp import transform_bounds

    from . import raster

    folder = Path("catalogue/vegetation")
    folder.mkdir(parents=True)
    area_km2 = raster.mosaic(masks, folder / "mask.tif")
    raster.picture(folder / "mask.tif", folder / "preview.png")
    Path("area.txt").write_text(f"{area_km2:.4f}\n")
    with rasterio.open(folder / "mask.tif") as source:
        west, south, east, north = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
    sources = [json.loads(next(item.glob("*.json")).read_text()) for item in items]
    taken = min(source["properties"]["datetime"] for source in sources)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = pystac.Item(
        id="vegetation",
        geometry={"type": "Polygon", "coordinates": [ring]},
        bbox=[west, south, east, north],
        datetime=datetime.fromisoformat(taken),
        properties={"vegetation:area_km2": round(area_km2, 4)},
    )
    for name, media, roles in (
        ("mask.tif", pystac.MediaType.COG, ["data"]),
        ("preview.png", pystac.MediaType.PNG, ["overview"]),
    ):
        key = name.partition(".")[0]
        item.add_asset(key, pystac.Asset(href=f"./{name}", media_type=media, roles=roles))
    catalogue = pystac.Catalog("vegetation-extent", "Vegetation by NDVI and Otsu's threshold")
    catalogue.add_item(item)
    catalogue.normalize_hrefs("catalogue")
    catalogue.save(pystac.CatalogType.SELF_CONTAINED)
    print(f"vegetation covers {area_km2:.2f} km2")


if __name__ == "__main__":
    main()
