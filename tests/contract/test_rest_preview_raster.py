"""Previews of rasters and pictures, drawn in a jailed child."""

import json
import math
import os
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
import rasterio
from eodh_runner.preview import host, png, raster

from .conftest import Real
from .preview import add, counted, pixels_of, preview, ramp, seen, tiff
from .test_rest_browse import OUT, folder
from .test_store import s3_store

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


async def test_raster_has_facts_and_a_picture(real):
    data = ramp()
    data[0, :, :10] = 0

    found = await seen(real, "a.tif", tiff(data, nodata=0))
    pixels = await pixels_of(real, found)

    box = found["raster"].pop("bbox")
    assert found["raster"] == {
        "width": 40, "height": 30, "bands": 1, "dtype": "uint16", "crs": "EPSG:32630", "nodata": 0,
    }  # fmt: skip
    assert box == pytest.approx([-3.0, 54.1454, -2.9939, 54.1481], abs=1e-3)
    assert (found["kind"], found["media_type"]) == ("raster", "image/tiff; application=geotiff")
    assert found["image"].startswith("jobs/")
    assert pixels.shape == (4, 30, 40)
    assert pixels[3, 0, :10].tolist() == [0] * 10
    assert pixels[3, 0, 10:].tolist() == [255] * 30
    assert pixels[0, 0, 10] < pixels[0, 15, 20] < pixels[0, 29, 39]


async def test_colours_of_bands_and_palettes_are_kept(real):
    rgb = np.zeros((3, 8, 8), np.uint8)
    rgb[0], rgb[2] = 200, 30
    classes = np.full((1, 8, 8), 2, np.uint8)
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", count=1, height=8, width=8, dtype="uint8") as dataset:
            dataset.write(classes)
            dataset.write_colormap(1, {2: (10, 20, 30, 255)})
        palette = memory.read()

    photo = await pixels_of(real, await seen(real, "rgb.tif", tiff(rgb, photometric="RGB")))
    mapped = await pixels_of(real, await seen(real, "classes.tif", palette))

    assert photo[:, 4, 4].tolist() == [200, 0, 30, 255]
    assert mapped[:, 4, 4].tolist() == [10, 20, 30, 255]


@pytest.mark.parametrize(
    "data",
    [
        np.full((1, 4, 4), np.nan, "float32"),
        np.full((1, 4, 4), 7, "int16"),
        np.array([[[np.inf, -np.inf], [np.nan, 1e300]]], "float64"),
        np.ones((1, 4, 4), "complex64"),
        np.zeros((7, 4, 4), "float32"),
        np.zeros((2, 1, 1), "uint8"),
    ],
)
async def test_strange_values_are_drawn_all_the_same(real, data):
    found = await seen(real, "a.tif", tiff(data))

    assert (found["kind"], (await pixels_of(real, found)).shape[0]) == ("raster", 4)


async def test_picture_is_no_larger_than_asked_for_and_pictures_are_images(real):
    content = png.encode(np.full((300, 600, 4), 255, np.uint8))
    job_id = add(real, "plot.png", content)
    found = await preview(real, job_id, "out/plot.png")

    with rasterio.MemoryFile() as memory:
        with memory.open(driver="JPEG", count=3, height=40, width=50, dtype="uint8") as dataset:
            dataset.write(np.full((3, 40, 50), 128, np.uint8))
        photo = await seen(real, "photo.jpg", memory.read())
    small = await real.http.get(f"{found['image']}&size=64")

    assert (found["kind"], photo["kind"]) == ("image", "image")
    assert (await pixels_of(real, found)).shape == (4, 256, 512)
    assert struct.unpack("!II", small.content[16:24]) == (64, 32)
    for size in (0, 15, 5000, "x"):
        assert (await real.http.get(f"{found['image']}&size={size}")).status_code == 400


async def test_raster_with_overviews_is_read_in_part(real, monkeypatch):
    random = np.random.default_rng(1).integers(0, 3000, (3, 2048, 2048)).astype("uint16")
    options = {"tiled": True, "blockxsize": 256, "blockysize": 256, "overviews": [2, 4, 8]}
    content = tiff(random, **options)
    job_id = add(real, "large.tif", content)
    reads = counted(real, monkeypatch)

    found = await preview(real, job_id, "out/large.tif")
    total = sum(reads)
    await pixels_of(real, found)

    assert len(content) > 30_000_000
    assert total < 3_000_000
    assert sum(reads) - total < 100  # the picture was remembered


async def test_raster_of_twenty_gigabytes_without_overviews_is_not_read(real, monkeypatch):
    """A sparse file: its header tells the size, nothing of it is there."""
    path = real.store.local_path(f"{OUT}/huge.tif")
    path.parent.mkdir(parents=True)
    options = {"SPARSE_OK": "TRUE", "BIGTIFF": "YES", "tiled": True}
    with rasterio.open(
        path, "w", driver="GTiff", count=1, width=100_000, height=100_000, dtype="uint16", **options
    ):
        pass
    os.truncate(path, 20_000_000_000)
    job_id = real.finished({"out": folder()})
    reads = counted(real, monkeypatch)

    found = await preview(real, job_id, "out/huge.tif")

    assert (found["kind"], found["raster"]["width"], "image" in found) == ("raster", 100_000, False)
    assert "Cloud Optimized GeoTIFF" in found["reason"]
    assert found["size_bytes"] == 20_000_000_000
    assert sum(reads) < 10_000_000
    refused = await real.http.get(f"jobs/{job_id}/preview.png?path=out/huge.tif")
    assert (refused.status_code, "overviews" in refused.json()["detail"]) == (404, True)


async def test_raster_in_s3_is_read_by_ranges(request, tmp_path):
    real = Real(tmp_path, s3_store(request.getfixturevalue("s3_server"), tmp_path))
    found = await seen(real, "a b.tif", tiff(ramp()))

    assert (await pixels_of(real, found)).shape == (4, 30, 40)
    real.service.close()
    real.database.close()


def bomb(width, height):
    """Give a small PNG that claims to be very large."""
    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    parts = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return png.SIGNATURE + b"".join(
        struct.pack("!I", len(body)) + name + body + struct.pack("!I", zlib.crc32(name + body))
        for name, body in parts
    )


VRT = (
    '<VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="Byte" band="1">'
    "<SimpleSource><SourceFilename>%s</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("page.png", b"<html><script>alert(1)</script></html>", "named as a PNG, but is none"),
        ("cut.tif", tiff(ramp())[:300], "cannot be read"),
        ("head.tif", b"II*\0", "cannot be read"),
        ("loop.tif", b"II*\0\x08\0\0\0" + b"\xff" * 400, "cannot be read"),
        ("link.tif", (VRT % "/etc/passwd").encode(), "named as a TIFF, but is none"),
        ("link.vrt.tif", (VRT % "/vsicurl/http://127.0.0.1:9/a").encode(), "but is none"),
        ("bomb.png", bomb(60_000, 60_000), "too many for a preview"),
        ("cut.png", png.encode(np.zeros((50, 50, 4), np.uint8))[:30], "cannot be"),
        ("cut.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 40, "cannot be read"),
        ("empty.tif", b"", "named as a TIFF, but is none"),
        ("data.nc", b"\x89HDF\r\n\x1a\n" + b"\0" * 64, "no preview for this kind"),
        ("noise.bin", bytes(range(256)) * 8, "no preview for this kind"),
    ],
)
async def test_hostile_file_has_no_preview_and_says_why(real, name, content, says):
    job_id = add(real, name, content)

    found = await preview(real, job_id, f"out/{name}")
    picture = await real.http.get(f"jobs/{job_id}/preview.png", params={"path": f"out/{name}"})

    assert (found["kind"], says in found["reason"]) == ("none", True), found
    assert found["size_bytes"] == len(content)
    assert "image" not in found
    assert (picture.status_code, picture.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


async def test_blocks_that_are_too_large_to_decode_are_not_decoded(real):
    options = {"tiled": True, "blockxsize": 16_384, "blockysize": 8192, "compress": "deflate"}

    found = await seen(real, "tile.tif", tiff(np.zeros((1, 100, 100), np.uint8), **options))

    assert "image" not in found
    assert "blocks are too large" in found["reason"]


async def test_file_beside_is_not_read(real):
    content = tiff(ramp(dtype="uint8"))
    other = tiff(np.full((1, 30, 40), 99, np.uint8))
    real.store.put(f"{OUT}/a.tif.ovr", other)
    real.store.put(f"{OUT}/a.tif.msk", other)
    real.store.put(f"{OUT}/a.tif.aux.xml", b"<PAMDataset/>")

    pixels = await pixels_of(real, await seen(real, "a.tif", content))

    assert len(np.unique(pixels[0])) > 100


@pytest.mark.parametrize("name", ["preview.ovr", "preview.aux.xml", "/etc/passwd", "test"])
def test_opener_knows_one_file_alone(name):
    opener = raster.opener_of(lambda offset, limit: b"x" * limit, 10)

    assert opener("/vsi/preview").read(3) == b"xxx"
    with pytest.raises(FileNotFoundError):
        opener(name)
    with pytest.raises(FileNotFoundError):
        opener("preview", "wb")


async def test_reading_without_an_end_is_ended(real, monkeypatch):
    monkeypatch.setattr(host, "MAX_READ_BYTES", 100_000)
    random = np.random.default_rng(1).integers(0, 3000, (1, 512, 512)).astype("uint16")

    found = await seen(real, "a.tif", tiff(random))

    assert (found["kind"], "too much of it would have to be read" in found["reason"]) == (
        "none",
        True,
    )


async def test_child_that_dies_is_a_reason_and_the_next_one_draws(real, monkeypatch):
    await seen(real, "first.tif", tiff(ramp()))
    real.service._renderer._process.kill()
    real.service._renderer._process.wait()

    assert (await seen(real, "second.tif", tiff(ramp())))["kind"] == "raster"


async def test_child_that_takes_too_long_is_left(real, monkeypatch):
    monkeypatch.setattr(host, "DRAW_S", 0.2)
    job_id = add(real, "a.tif", tiff(ramp()))
    read = type(real.store).read

    def slow(store, key, offset=0, limit=None):
        if limit == 64 << 10 and offset == 0 and limit != 256 << 10:
            raise TimeoutError
        return read(store, key, offset, limit)

    monkeypatch.setattr(type(real.store), "read", slow)

    assert (await preview(real, job_id, "out/a.tif"))["reason"] == "it took too long to draw"


async def test_without_rasterio_the_remedy_is_told(real, monkeypatch):
    monkeypatch.setattr(host.importlib.util, "find_spec", lambda name: None)

    found = await seen(real, "a.tif", tiff(ramp()))

    assert found["kind"] == "none"
    assert "pip install 'eodh-jupyter[preview]'" in found["reason"]


@pytest.mark.parametrize(
    "told",
    [
        {"width": "1", "bbox": [1, 2, 3], "nodata": math.nan},
        {"crs": 5, "bbox": [1, 2, 3, math.inf], "bands": None},
    ],
)
def test_facts_of_a_child_that_lies_are_left_out(told):
    assert host._facts(told) == {}


REACH = """
import json, socket
from eodh_runner.preview import child
child._close()
found = {}
for name, action in (
    ("file", lambda: open("/etc/passwd")),
    ("socket", lambda: socket.socket()),
    ("write", lambda: open("/tmp/x", "w")),
):
    try:
        action()
        found[name] = "open"
    except OSError:
        found[name] = "closed"
print(json.dumps(found))
"""


def test_child_reaches_no_file_and_no_address():
    answer = subprocess.run([sys.executable, "-c", REACH], stdout=subprocess.PIPE, check=True)

    assert json.loads(answer.stdout) == {
        "file": "closed",
        "socket": "closed",
        "write": "closed",
    }
