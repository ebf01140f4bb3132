"""The example package on its real data, by a stock CWL runner."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio

EXAMPLES = Path(__file__).parents[2] / "examples"
TOOLS = EXAMPLES / "vegetation-extent" / "tools"
PACKAGE = EXAMPLES / "vegetation-extent" / "vegetation-extent.cwl"
SCENE, CHIP = EXAMPLES / "data" / "scene", EXAMPLES / "data" / "chip"
#: Part of the overlap of both items.
AREA = "601300,4698500,601700,4699500"

pytestmark = pytest.mark.skipif(
    not (EXAMPLES / "data" / "made.txt").is_file(), reason="the data are not there; run make run"
)


@pytest.fixture(scope="module")
def cwltool(tmp_path_factory):
    """Give a function that runs the package by stock cwltool, with the tools of this tree."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "vegetation-extent"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{TOOLS}" exec "{sys.executable}" -m vegetation_extent "$@"\n'
    )
    command.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}

    def run(outdir, **more):
        items = [{"class": "Directory", "path": str(SCENE / name)} for name in ("west", "east")]
        order = folder / "order.json"
        order.write_text(json.dumps({"items": items, **more}))
        options = ["--no-container", "--quiet", "--outdir", str(outdir)]
        words = ["-m", "cwltool", *options, f"{PACKAGE}#vegetation-extent", str(order)]
        ended = subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return run


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_tool(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "vegetation_extent", *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TOOLS)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_package_on_the_scene_finds_its_vegetation(cwltool, tmp_path):
    first = cwltool(tmp_path / "first")

    assert first["area_km2"] == pytest.approx(1.9276, abs=1e-6)
    with rasterio.open(tmp_path / "first" / "catalogue" / "vegetation" / "mask.tif") as source:
        mask = source.read(1)
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (source.crs.to_epsg(), source.nodata) == (32719, 255)
        assert tuple(source.bounds) == (600000, 4698020, 603000, 4700020)
    assert mask.shape == (200, 300)
    assert np.unique(mask).tolist() == [0, 1]
    assert np.count_nonzero(mask == 1) * 100 / 1e6 == pytest.approx(first["area_km2"])
    catalogue = pystac.Catalog.from_file(str(tmp_path / "first" / "catalogue" / "catalog.json"))
    assert catalogue.validate_all() == 1


def test_package_run_twice_gives_the_same_bytes(cwltool, tmp_path):
    for name in ("first", "second"):
        cwltool(tmp_path / name, aoi=AREA, epsg="EPSG:32719")

    assert files_of(tmp_path / "first") == files_of(tmp_path / "second")
    with rasterio.open(tmp_path / "first" / "catalogue" / "vegetation" / "mask.tif") as source:
        assert tuple(source.bounds) == tuple(map(float, AREA.split(",")))


def test_items_agree_where_they_overlap():
    for band, columns in (("red", 60), ("nir", 60), ("swir1", 30)):
        with rasterio.open(SCENE / "west" / f"{band}.tif") as west:
            left = west.read(1)[:, -columns:]
        with rasterio.open(SCENE / "east" / f"{band}.tif") as east:
            right = east.read(1)[:, :columns]
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("folder", [SCENE / "west", SCENE / "east", CHIP], ids=lambda f: f.name)
def test_items_of_the_data_are_valid(folder):
    item = pystac.Item.from_file(str(folder / "item.json"))

    assert item.validate()
    for asset in item.get_assets().values():
        with rasterio.open(asset.get_absolute_href()) as source:
            assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_tools_split_the_chip_of_farmland(tmp_path):
    for band in ("B08", "B04"):
        ended = run_tool(tmp_path, "crop", "--item", CHIP, "--band", band)
        assert ended.returncode == 0, ended.stderr
    run_tool(tmp_path, "normalized-difference", "farmland-B08.tif", "farmland-B04.tif")

    ended = run_tool(tmp_path, "otsu", "index.tif")

    assert ended.stdout.startswith("threshold 0."), ended.stderr
    with rasterio.open(tmp_path / "mask.tif") as source:
        share = float(np.mean(source.read(1) == 1))
    assert 0.2 < share < 0.8


def test_tools_refuse_to_measure_the_chip_without_georeference(tmp_path):
    run_tool(tmp_path, "crop", "--item", CHIP, "--band", "B08")
    run_tool(tmp_path, "otsu", "farmland-B08.tif")

    ended = run_tool(tmp_path, "stac", "--item", CHIP, "--mask", "mask.tif")

    assert ended.returncode == 1
    assert ended.stderr.endswith("error: an area needs a reference system in metres, not None\n")


def test_script_leaves_its_results_where_it_says(environment):
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "run.py")], capture_output=True, text=True, timeout=120
    )

    assert "Vegetation covers 1.93 km2." in ended.stdout, ended.stderr
    for title in ("mask", "picture", "catalogue"):
        (said,) = (s for s in ended.stdout.splitlines() if s.startswith(f"The {title} is at "))
        assert Path(said.partition(" is at ")[2]).exists()


def test_script_runs_the_landsat_scenes(environment):
    if not (EXAMPLES / "data" / "landsat" / "made.txt").exists():
        pytest.skip("the Landsat scenes are not fetched (python examples/fetch_landsat.py)")

    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "run.py"), "--landsat"],
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert "Vegetation covers 3306.77 km2." in ended.stdout, ended.stderr
