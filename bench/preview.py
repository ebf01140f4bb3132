"""Quick looks of rasters."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .measure import Measure, repeat

SIDE = 8000


def measures() -> Iterator[Measure]:
    from eodh_runner.preview import Renderer

    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as folder:
        path = raster(Path(folder))
        renderer, size = Renderer(), path.stat().st_size

        def read(offset: int, limit: int) -> bytes:
            with path.open("rb") as file:
                file.seek(offset)
                return file.read(limit)

        def draw() -> float:
            began = time.perf_counter()
            if not renderer.draw(read, size, "GTiff", 512).picture:
                raise RuntimeError("no picture")
            return time.perf_counter() - began

        draw()
        yield Measure("quick look of a raster of 64 Mpx", 0.5, repeat(5, draw))
        renderer.close()


def raster(folder: Path) -> Path:
    """Give a tiled raster with overviews."""
    import numpy as np
    import rasterio

    path = folder / "raster.tif"
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "dtype": "uint16"}
    with rasterio.open(path, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, **tiles) as out:
        out.write(np.arange(SIDE * SIDE, dtype="uint16").reshape(1, SIDE, SIDE))
        out.build_overviews([2, 4, 8, 16])
    return path
