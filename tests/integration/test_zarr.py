"""Folders of Zarr among the results: opened lazily, read by chunk."""

import numpy as np
import pytest
import xarray as xr

from .test_objects import copying, hook

SIDE, CHUNK = 512, 128


def make(folder, zarr_format, **options):
    """Write a cube of noise, one variable with a space in its name; gives it."""
    noise = np.random.default_rng(1).random((2, SIDE, SIDE), "float32")
    made = xr.Dataset(
        {"ndvi": (("time", "y", "x"), noise), "cloud free": (("y", "x"), noise[0] > 0.5)},
        {"time": np.array(["2026-03-01", "2026-03-11"], "M8[ns]"), "y": np.arange(SIDE)},
        {"title": "Vegetation"},
    )
    chunks = {"ndvi": {"chunks": (1, CHUNK, CHUNK)}}
    made.to_zarr(folder, zarr_format=zarr_format, encoding=chunks, **options)
    return made


@pytest.fixture
def result(client, tmp_path):
    """Give a function that makes a folder a result of a job."""

    def launch(folder):
        return client.deploy(copying("x", "Directory"), replace=True).launch(x=folder).wait(60)

    return lambda folder: launch(folder).results.out


@pytest.mark.parametrize(
    ("zarr_format", "options"),
    [(2, {"consolidated": True}), (2, {"consolidated": False}), (3, {"consolidated": False})],
)
def test_zarr_is_a_dataset_of_which_only_what_is_used_is_fetched(
    client, result, tmp_path, zarr_format, options
):
    made = make(tmp_path / "cube.zarr", zarr_format, **options)
    found = result(tmp_path / "cube.zarr")
    asked = hook(client, lambda answer: (answer.request.url.path, answer.num_bytes_downloaded))

    cube = found.to_xarray()
    before = [path for path, _ in asked if "/ndvi/" in path and "z" not in path.split("/ndvi/")[1]]
    asked.clear()
    window = cube.ndvi.isel(time=1, y=slice(130, 140), x=slice(250, 260)).to_numpy()

    assert (cube.attrs["title"], dict(cube.sizes)) == ("Vegetation", dict(made.sizes))
    assert before == []  # no chunk of it
    np.testing.assert_array_equal(window, made.ndvi.to_numpy()[1, 130:140, 250:260])
    assert len([path for path, _ in asked if "/ndvi/" in path]) <= 4
    xr.testing.assert_equal(cube["cloud free"].load(), made["cloud free"])


def test_chunks_that_are_not_there_are_filled(result, tmp_path):
    make(tmp_path / "cube.zarr", 2, consolidated=True)
    (tmp_path / "cube.zarr" / "ndvi" / "0.0.0").unlink()

    cube = result(tmp_path / "cube.zarr").to_xarray(mask_and_scale=False)

    corner = cube.ndvi.isel(time=0, y=slice(0, CHUNK), x=slice(0, CHUNK)).to_numpy()
    assert np.isnan(corner).all()


def test_folder_above_several_groups_is_no_dataset(result, tmp_path):
    (tmp_path / "both").mkdir()
    make(tmp_path / "both" / "a.zarr", 2)
    found = result(tmp_path / "both")

    with pytest.raises(ValueError, match="take one raster"):
        found.to_xarray()
    assert set(found["a.zarr"].to_xarray().data_vars) == {"ndvi", "cloud free"}


def test_one_array_says_to_take_its_group(result, tmp_path):
    make(tmp_path / "cube.zarr", 3)

    with pytest.raises(ValueError, match="take the folder above"):
        result(tmp_path / "cube.zarr")["ndvi"].to_xarray()
