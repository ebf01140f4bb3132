"""A folder of Zarr at a glance: what its metadata says, and no more."""

import json

import numpy as np
import pytest
import xarray as xr

SHAPE = {"time": 2, "y": 6, "x": 4}


def directory(location="eodh-store:///ws/out/cube"):
    return {"class": "Directory", "basename": "cube.zarr", "location": location}


def keep(real, folder):
    for path in folder.rglob("*"):
        if path.is_file():
            real.store.put(f"ws/out/cube/{path.relative_to(folder)}", path.read_bytes())


async def look(real, path="cube", outputs=None):
    job_id = real.finished(outputs or {"cube": directory()})
    return (await real.http.get(f"jobs/{job_id}/preview", params={"path": path})).json()


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("consolidated", [True, False])
async def test_zarr_tells_dimensions_and_variables(real, tmp_path, zarr_format, consolidated):
    data = np.zeros(tuple(SHAPE.values()), "float32")
    made = xr.Dataset({"ndvi": (tuple(SHAPE), data)}, {"y": np.arange(6)})
    chunks = {"ndvi": {"chunks": (1, 3, 2)}}
    made.to_zarr(
        tmp_path / "c", zarr_format=zarr_format, consolidated=consolidated, encoding=chunks
    )
    keep(real, tmp_path / "c")

    found = await look(real)

    zarr = found["zarr"]
    assert (found["kind"], zarr["format"], zarr["dimensions"]) == ("zarr", zarr_format, SHAPE)
    ndvi, y = zarr["variables"]
    assert (ndvi["name"], ndvi["dimensions"], ndvi["shape"]) == ("ndvi", [*SHAPE], [2, 6, 4])
    assert ndvi["chunks"] == [1, 3, 2]
    assert ndvi["dtype"] in ("<f4", "float32")
    assert (y["name"], y["dimensions"], zarr["is_cut"]) == ("y", ["y"], False)


async def test_array_of_its_own_is_one_variable_and_inside_a_folder_it_is_found(real):
    array = {"shape": [3, 2], "dtype": "|u1", "chunks": [1, 2]}
    real.store.put("ws/out/cube/inner/.zarray", json.dumps(array).encode())

    found = await look(real, "cube/inner")

    (variable,) = found["zarr"]["variables"]
    assert (variable["name"], variable["dimensions"]) == ("", ["dim_0", "dim_1"])
    assert (await look(real))["kind"] == "none"


async def test_many_variables_are_cut(real):
    array = {"shape": [1], "dtype": "|u1", "chunks": [1]}
    metadata = {f"v{n}/.zarray": array for n in range(500)}
    real.store.put("ws/out/cube/.zmetadata", json.dumps({"metadata": metadata}).encode())

    zarr = (await look(real))["zarr"]

    assert (len(zarr["variables"]), zarr["is_cut"]) == (50, True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".zmetadata", b"[" * 100_000),
        (".zmetadata", b'{"metadata": [1]}'),
        (".zmetadata", b'{"metadata": {"a/.zarray": 3, "b/.zarray": {"shape": "x"}}}'),
        (".zmetadata", b'{"metadata": {"a/.zarray": {"shape": [1e400, null, -1]}}}'),
        (".zmetadata", b'{"metadata": {"a/.zarray": {"shape": [99999999999999999999]}}}'),
        ("zarr.json", b'{"node_type": "array", "shape": [2], "dimension_names": {"a": 1}}'),
        ("zarr.json", b'{"node_type": 7, "consolidated_metadata": {"metadata": {"a": []}}}'),
        (".zgroup", b'{"x": "' + b"y" * (2 << 20) + b'"}'),
        (".zgroup", b"\xff\xfe"),
    ],
)
async def test_hostile_metadata_is_no_fault(real, name, content):
    real.store.put(f"ws/out/cube/{name}", content)

    assert (await look(real))["kind"] in ("zarr", "none")
