"""The example's tools and script, imported from where they lie; rasters to try them on."""

import importlib.util
import json
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

EXAMPLES = Path(__file__).parents[3] / "examples"
sys.path.insert(0, str(EXAMPLES / "vegetation-extent" / "tools"))


@pytest.fixture
def fetch_data():
    """Give the script that fetches the data, as a module."""
    spec = importlib.util.spec_from_file_location("fetch_data", EXAMPLES / "fetch_data.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["fetch_data"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["fetch_data"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a fresh current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def offline(monkeypatch):
    """Refuse every connection."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def make_raster(folder):
    """Give a function that writes an array of 10 m cells and gives the file."""

    def make(name, values, *, column=0, crs="EPSG:32719", nodata=None):
        values = np.asarray(values)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        height, width = values.shape
        transform = from_origin(600000 + 10 * column, 4700020, 10, 10)
        profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype, "nodata": nodata}
        profile |= {"height": height, "width": width, "crs": crs, "transform": transform}
        with rasterio.open(path, "w", **profile) as out:
            out.write(values, 1)
        return path

    return make


@pytest.fixture
def make_item(folder, make_raster):
    """Give a function that writes a STAC item of bands and gives its folder."""

    def make(name="one", *, taken="2020-01-02T03:04:05Z", **bands):
        for band, values in bands.items():
            make_raster(f"{name}/{band}.tif", values)
        item = {
            "id": name,
            "properties": {"datetime": taken},
            "assets": {band: {"href": f"./{band}.tif"} for band in bands},
        }
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "item.json").write_text(json.dumps(item))
        return folder / name

    return make
