import io
import json
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pyarrow
import pystac
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from eodh_jupyter import EodhError
from eodh_jupyter.errors import MissingExtra
from eodh_jupyter.range import BLOCK_BYTES, open_ranged

from .conftest import BASE, JOB, folder_link, link

STOCKS = Path(matplotlib.get_data_path()) / "sample_data" / "Stocks.csv"
TABLE = Path(pyarrow.__file__).parent / "tests" / "data" / "parquet" / "v0.7.1.parquet"
RESULTS = f"jobs/{JOB}/results"
SIDE = 2048


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    """Give a tiled GeoTIFF of 8 MB that cannot be packed any smaller."""
    path = tmp_path_factory.mktemp("raster") / "r.tif"
    pixels = np.random.default_rng(1).integers(0, 2**16, (SIDE, SIDE), "uint16")
    profile = {"driver": "GTiff", "dtype": "uint16", "count": 1, "width": SIDE, "height": SIDE}
    where = {"crs": "EPSG:32719", "transform": from_origin(600000, 4700020, 10, 10)}
    with rasterio.open(path, "w", tiled=True, **profile, **where) as file:
        file.write(pixels, 1)
    return path.read_bytes(), pixels


def put(fake, client, name, content, media_type="application/octet-stream", title=None):
    """Make a file the output of the job, and give it as a result."""
    fake.files[name] = content
    fake.status["status"] = "successful"
    fake.results[name] = {**link(name, media_type, len(content)), "title": title or name}
    return client.job(JOB).results[name]


def ranges(fake):
    return [r["headers"]["Range"] for r in fake.requests if "Range" in r["headers"]]


def test_window_of_a_raster_is_read_by_range_and_nothing_else(client, fake, raster):
    content, pixels = raster
    result = put(fake, client, "r", content, "image/tiff", "r.tif")

    array = result.to_xarray()
    window = array.isel(band=0, y=slice(1000, 1100), x=slice(300, 420)).to_numpy()

    assert (array.shape, array.name) == ((1, SIDE, SIDE), "r")
    assert array.rio.crs.to_epsg() == 32719
    assert np.array_equal(window, pixels[1000:1100, 300:420])
    paths = {r["path"] for r in fake.requests if r["path"].startswith(f"{RESULTS}/")}
    assert paths == {f"{RESULTS}/r"}
    assert 0 < sum(map(span, ranges(fake))) < len(content) / 4


def span(text):
    start, end = text.removeprefix("bytes=").split("-")
    return int(end) - int(start) + 1


def test_open_file_seeks_and_reads_as_a_local_one_does(client, fake):
    content = np.random.default_rng(2).bytes(5 * BLOCK_BYTES + 17)
    file, local = put(fake, client, "b", content).open(), io.BytesIO(content)

    for offset, whence, count in [(-17, 2, 40), (3, 0, 5), (BLOCK_BYTES, 1, 2 * BLOCK_BYTES)]:
        assert file.seek(offset, whence) == local.seek(offset, whence)
        assert file.read(count) == local.read(count)
    file.seek(0)
    assert file.read() == content
    with pytest.raises(ValueError, match="before the file"):
        file.seek(-1)


def test_reader_that_goes_straight_on_needs_few_requests(client, fake):
    content = bytes(100 * BLOCK_BYTES)
    result = put(fake, client, "b", content)

    assert len(result.open().read()) == len(content)

    assert len(ranges(fake)) <= 10


def test_blocks_read_twice_are_fetched_once(client, fake):
    file = put(fake, client, "b", bytes(10 * BLOCK_BYTES)).open()

    for _ in range(3):
        file.seek(7 * BLOCK_BYTES)
        file.read(10)

    assert ranges(fake) == [f"bytes={7 * BLOCK_BYTES}-{8 * BLOCK_BYTES - 1}"]


def test_empty_file_is_opened_without_a_request(client, fake):
    assert put(fake, client, "b", b"").open().read() == b""
    assert ranges(fake) == []


def test_server_that_knows_no_ranges_still_serves(client, fake):
    fake.add("GET", "whole", 200, b"0123456789")

    file = open_ranged(client._http, "whole", 10)
    file.seek(4)

    assert file.read(3) == b"456"


@pytest.mark.parametrize("title", ["t.csv", "T.CSV", "no-ending"])
def test_csv_is_a_data_frame(client, fake, title):
    result = put(fake, client, "t", STOCKS.read_bytes(), "text/csv", title)

    pd.testing.assert_frame_equal(result.to_pandas(comment="#"), pd.read_csv(STOCKS, comment="#"))


def test_parquet_is_a_data_frame(client, fake):
    result = put(fake, client, "t", TABLE.read_bytes(), title="t.parquet")

    pd.testing.assert_frame_equal(result.to_pandas(), pd.read_parquet(TABLE))


def test_list_of_tables_is_one_table_that_tells_them_apart(client, fake):
    put(fake, client, "a", b"x,y\n1,2\n", "text/csv", "a.csv")
    put(fake, client, "b", b"x,y\n3,4\n", "text/csv", "b.csv")
    fake.results = {"many": [fake.results["a"], fake.results["b"]]}

    frame = client.job(JOB).results.many.to_pandas()

    assert frame.loc[1].iloc[0].tolist() == [3, 4]
    assert frame.index.names[0] == "entry"


def test_features_keep_their_geometry_and_without_geopandas_their_coordinates(
    client, fake, monkeypatch
):
    point = {"type": "Point", "coordinates": [-67.6, -47.8]}
    feature = {"type": "Feature", "properties": {"ndvi": 0.3}, "geometry": point}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    result = put(fake, client, "f", content, "application/geo+json", "f.geojson")

    assert result.to_pandas().geometry[0].x == -67.6
    monkeypatch.setitem(sys.modules, "geopandas", None)
    assert result.to_pandas()["geometry.coordinates"][0] == [-67.6, -47.8]


@pytest.mark.parametrize("engine", ["h5netcdf", "scipy"])
def test_netcdf_of_both_kinds_is_a_dataset(client, fake, tmp_path, engine):
    made = xr.Dataset({"ndvi": (("y", "x"), np.arange(6.0).reshape(2, 3))})
    made.to_netcdf(tmp_path / "n.nc", engine=engine)
    result = put(fake, client, "n", (tmp_path / "n.nc").read_bytes(), title="n.nc")

    xr.testing.assert_equal(result.to_xarray().load(), made)


@pytest.mark.parametrize(
    ("method", "library", "title"),
    [
        ("to_xarray", "rioxarray", "r.tif"),
        ("to_xarray", "xarray", "r.nc"),
        ("to_pandas", "pandas", "t.csv"),
        ("to_pandas", "geopandas", "t.gpkg"),
        ("to_stac", "pystac", "c.json"),
    ],
)
def test_library_that_is_absent_is_named_with_its_extra(
    client, fake, monkeypatch, method, library, title
):
    result = put(fake, client, "r", b"x", title=title)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(MissingExtra, match=rf'needs {library}: pip install "eodh-jupyter\[res'):
        getattr(result, method)()
    with pytest.raises(ImportError):
        getattr(result, method)()


def test_wrong_kind_says_what_it_is_and_what_to_do(client, fake):
    result = put(fake, client, "r", b"x", "image/tiff", "r.tif")

    with pytest.raises(TypeError, match=r"'area' is no file, or see \.value"):
        client.job(JOB).results.area.to_xarray()
    with pytest.raises(
        TypeError, match=r"'r' \(image/tiff\) is no table that is known here: \.csv"
    ):
        result.to_pandas()
    with pytest.raises(rasterio.errors.RasterioIOError):
        result.to_xarray()


@pytest.fixture
def catalogue(client, fake, tmp_path, raster):
    """Give a folder with a catalogue that pystac wrote, with a raster as asset of its item."""
    found = pystac.Catalog("cat", "a catalogue")
    moment = pd.Timestamp("2026-03-12T10:00:00Z").to_pydatetime()
    item = pystac.Item("vegetation", None, None, moment, {})
    item.add_asset("mask", pystac.Asset("./the mask.tif", roles=["data"]))
    found.add_item(item)
    found.normalize_and_save(str(tmp_path), pystac.CatalogType.SELF_CONTAINED)
    for path in tmp_path.rglob("*.json"):
        fake.files[f"stac/{path.relative_to(tmp_path)}"] = path.read_bytes()
    fake.files["stac/vegetation/the mask.tif"] = raster[0]
    fake.results["stac"] = folder_link("stac")
    fake.status["status"] = "successful"
    return client.job(JOB).results.stac


def test_catalogue_of_a_folder_is_walked_and_its_asset_opened(catalogue):
    found = catalogue.to_stac()
    item = next(found.get_items(recursive=True))

    array = catalogue[item.assets["mask"]].to_xarray()

    assert (found.id, item.id) == ("cat", "vegetation")
    assert array.shape == (1, SIDE, SIDE)
    assert item.assets["mask"].get_absolute_href().startswith(BASE)


def test_folder_gives_its_files_by_path_and_nothing_beside_them(catalogue, tmp_path):
    mask = catalogue["vegetation/the mask.tif"]

    assert mask.is_file
    assert catalogue["vegetation"]["the mask.tif"].name == mask.name
    assert sorted(catalogue)[-1] == "vegetation/vegetation.json"
    assert len(catalogue) == 3
    assert (catalogue.download(tmp_path / "to") / "vegetation" / "the mask.tif").exists()
    for outside in ("../mask", "/etc/passwd", "", ".", "https://h/x", "nothing", "a/../../mask"):
        with pytest.raises(KeyError):
            catalogue[outside]


def test_folder_with_one_raster_is_that_raster(catalogue):
    assert catalogue.to_xarray().shape == (1, SIDE, SIDE)
    with pytest.raises(ValueError, match="take one table of it by path"):
        catalogue.to_pandas()


@pytest.mark.parametrize("href", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x.json"])
def test_catalogue_cannot_make_the_kernel_read_elsewhere(client, fake, catalogue, href):
    document = json.loads(fake.files["stac/catalog.json"])
    document["links"].append({"rel": "child", "href": href})
    fake.files["stac/catalog.json"] = json.dumps(document).encode()

    with pytest.raises(pystac.STACError) as caught:
        list(catalogue.to_stac().get_children())

    assert isinstance(caught.value.__cause__, EodhError)
    assert "is not among the results" in str(caught.value.__cause__)


def test_preview_shows_the_picture_with_its_place_and_keeps_it(client, fake):
    put(fake, client, "r", b"x", "image/tiff", "r.tif")
    about = {"width": 300, "height": 200, "bands": 1, "dtype": "uint8", "crs": "EPSG:32719"}
    about["bbox"] = [-67.67, -47.84, -67.63, -47.8]
    fake.previews["r"] = {
        "path": "r",
        "kind": "raster",
        "size_bytes": 1200,
        "image": "x.png",
        "raster": about,
    }

    shown = client.job(JOB).results.r.preview(256)
    bundle = shown._repr_mimebundle_()

    assert fake.requests[-1]["query"] == "path=r&size=256"
    assert bundle["text/plain"] == (
        "r: raster · 300 × 200 pixels · 1 band uint8 · EPSG:32719 · 1.2 kB\n"
        "47.840° S, 67.670° W to 47.800° S, 67.630° W"
    )
    assert "src='data:image/png;base64,iVBORyBwaWN0dXJl" in bundle["text/html"]
    for side in ("67.670° W", "67.630° W", "47.840° S", "47.800° S"):
        assert side in bundle["text/html"]
    assert "http" not in bundle["text/html"]


def test_preview_of_hostile_content_is_only_text(client, fake):
    hostile = "<script>alert(1)</script>\x1b[31m"
    put(fake, client, "r", b"x", "text/csv", "r.csv")
    for facts in (
        {"kind": "table", "table": {"columns": [hostile], "rows": [[hostile]], "is_cut": True}},
        {"kind": "text", "text": hostile},
        {"kind": "json", "json": {hostile: hostile}},
        {"kind": "none", "reason": hostile},
    ):
        fake.previews["r"] = {"path": "r", **facts}

        bundle = client.job(JOB).results.r._repr_mimebundle_()

        assert "<script" not in bundle["text/html"]
        assert "\x1b" not in str(bundle["text/html"]) + bundle["text/plain"]
        assert "alert(1)" in bundle["text/plain"]


def test_result_shows_its_one_line_when_there_is_no_preview(client, fake):
    assert put(fake, client, "r", b"x")._repr_mimebundle_() == {"text/plain": "Result(r: r, 1 B)"}


def test_zarr_without_its_library_names_the_extra(client, fake, monkeypatch):
    fake.files["cube/.zgroup"] = b"{}"
    fake.results = {"cube": folder_link("cube")}
    fake.status["status"] = "successful"
    monkeypatch.setitem(sys.modules, "zarr", None)
    monkeypatch.setitem(sys.modules, "zarr.abc.store", None)
    monkeypatch.delitem(sys.modules, "eodh_jupyter.zarr_store", raising=False)

    with pytest.raises(MissingExtra, match=r'of Zarr needs zarr: pip install "eodh-jupyter\[res'):
        client.job(JOB).results.cube.to_xarray()
