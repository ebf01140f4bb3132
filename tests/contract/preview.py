"""What previews are tested with: a service with a real store, and rasters."""

import numpy as np
import rasterio
from rasterio.transform import from_origin

from .test_rest_browse import OUT, folder

BOX = [-3.0, 53.9, -2.5, 54.2]


def add(real, name, content):
    """Give the id of a job whose output `out` is a folder with this file."""
    real.store.put(f"{OUT}/{name}", content)
    return real.finished({"out": folder()})


async def preview(real, job_id, path):
    answer = await real.http.get(f"jobs/{job_id}/preview", params={"path": path})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def seen(real, name, content):
    return await preview(real, add(real, name, content), f"out/{name}")


async def pixels_of(real, found):
    """Give the array of the picture that a preview names."""
    answer = await real.http.get(found["image"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    with rasterio.MemoryFile(answer.content) as memory, memory.open() as dataset:
        return dataset.read()


def tiff(data, **options):
    """Give a GeoTIFF of an array (band, y, x)."""
    profile = {
        "driver": "GTiff",
        "count": data.shape[0],
        "height": data.shape[1],
        "width": data.shape[2],
        "dtype": data.dtype,
        "crs": "EPSG:32630",
        "transform": from_origin(500_000, 6_000_000, 10, 10),
        **{key: value for key, value in options.items() if key != "overviews"},
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            dataset.write(data)
            if "overviews" in options:
                dataset.build_overviews(options["overviews"])
        return memory.read()


def ramp(bands=1, height=30, width=40, dtype="uint16"):
    return np.arange(bands * height * width).reshape(bands, height, width).astype(dtype)


def counted(real, monkeypatch):
    """Count the bytes that are read of the store."""
    reads, read = [], type(real.store).read

    def count(store, key, offset=0, limit=None):
        data = read(store, key, offset, limit)
        reads.append(len(data))
        return data

    monkeypatch.setattr(type(real.store), "read", count)
    return reads
