"""Objects in and out of a runner that is reached over TCP, as one elsewhere is."""

import json

import numpy as np
import pandas as pd
import pystac
import pytest
import rasterio
from rasterio.transform import from_origin

from eodh_jupyter import Client, Problem
from eodh_jupyter.staging import Staging

from .test_tcp import TOKEN, serve  # noqa: F401  a fixture

SIDE = 4096


@pytest.fixture
def remote(serve, monkeypatch):  # noqa: F811  the fixture
    # No credentials but the token may be needed, or used.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "must-not-be-used")
    url, _ = serve(EODH_CONTAINERS="host")
    client = Client(f"{url}/ogc-api", TOKEN)
    yield client
    client.close()


def copying(name, kind="File"):
    """Give a tool that gives its input back."""
    glob = {"File": name, "Directory": "folder"}[kind]
    return json.dumps(
        {
            "cwlVersion": "v1.2",
            "class": "CommandLineTool",
            "id": "copy",
            "baseCommand": ["cp", "-rL"],
            "arguments": ["$(inputs.x)", glob],
            "requirements": {"InlineJavascriptRequirement": {}},
            "inputs": {"x": {"type": kind}},
            "outputs": {"out": {"type": kind, "outputBinding": {"glob": glob}}},
        }
    ).encode()


@pytest.fixture
def scene(tmp_path):
    """Give a folder with a STAC item and its tiled raster of 32 MB, made of noise."""
    pixels = np.random.default_rng(1).integers(0, 2**16, (SIDE, SIDE), "uint16")
    profile = {"driver": "GTiff", "dtype": "uint16", "count": 1, "width": SIDE, "height": SIDE}
    place = {"crs": "EPSG:32630", "transform": from_origin(600000, 5900000, 10, 10)}
    folder = tmp_path / "scene"
    folder.mkdir()
    with rasterio.open(folder / "red.tif", "w", tiled=True, **profile, **place) as file:
        file.write(pixels, 1)
    moment = pd.Timestamp("2026-03-12T10:00:00Z").to_pydatetime()
    item = pystac.Item("scene", None, None, moment, {})
    item.add_asset("red", pystac.Asset("./red.tif"))
    item.set_self_href(str(folder / "item.json"))
    item.save_object(include_self_link=False)
    return folder, pixels


def test_scene_goes_to_a_runner_elsewhere_once_and_comes_back_by_window(remote, scene):
    folder, pixels = scene
    process = remote.deploy(copying("scene", "Directory"))

    result = process.execute(x=folder).wait(120).results.out
    item = result.to_stac()
    read = count_bytes(remote)
    array = result[item.assets["red"]].to_xarray()
    window = array.isel(band=0, y=slice(2000, 2256), x=slice(100, 356)).to_numpy()

    assert np.array_equal(window, pixels[2000:2256, 100:356])
    assert array.rio.crs.to_epsg() == 32630
    assert 0 < sum(read) < 1_000_000
    sent = count_methods(remote)
    process.execute(x=folder).wait(120)
    Staging(remote._http).path(folder, "Directory")
    assert "PUT" not in sent


def count_bytes(client):
    def length(answer):
        is_body = answer.request.method != "HEAD"
        return int(answer.headers.get("Content-Length", 0)) if is_body else 0

    return hook(client, length)


def count_methods(client):
    return hook(client, lambda answer: answer.request.method)


def hook(client, take):
    """Give a list that grows by what is taken of each answer."""
    found = []
    opened, _ = client._http._open()
    opened.event_hooks["response"].append(lambda answer: found.append(take(answer)))
    return found


def test_table_of_the_kernel_comes_back_as_a_table(remote):
    frame = pd.DataFrame({"name": ["a", "b,c"], "n": [1, 2]})
    process = remote.deploy(copying("table.csv"))

    result = process.execute(x=frame).wait(60).results.out

    pd.testing.assert_frame_equal(result.to_pandas(), frame)
    again = process.execute(x=result).wait(60).results.out
    pd.testing.assert_frame_equal(again.to_pandas(), frame)


def test_runner_elsewhere_does_not_read_the_files_of_its_own_computer(remote):
    process = remote.deploy(copying("x"))

    with pytest.raises(Problem) as caught:
        process.execute(x={"class": "File", "location": "file:///etc/passwd"})

    assert "x" in caught.value.invalid


def test_preview_of_a_raster_shows_its_place(remote, scene):
    folder, _ = scene
    result = remote.deploy(copying("red.tif")).execute(x=folder / "red.tif").wait(60).results.out

    shown = result.preview(128)

    assert shown.kind == "raster"
    assert shown.png.startswith(b"\x89PNG")
    west, south, east, north = shown.bbox
    assert (round(west, 1), round(north, 1)) == (-1.5, 53.2)
    assert west < east
    assert south < north
    assert "data:image/png;base64," in result._repr_mimebundle_()["text/html"]
