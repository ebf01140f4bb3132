import datetime
import hashlib
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pystac
import pytest
from rasterio.coords import BoundingBox
from shapely.geometry import Point, box

from eodh_jupyter.errors import InputError
from eodh_jupyter.inputs import to_wire
from eodh_jupyter.staging import Staging

from .conftest import JOB, folder_link

FILE = {"x-cwl-class": "File", "type": "string"}
FOLDER = {"x-cwl-class": "Directory", "type": "string"}
NUMBERS = {"type": "array", "items": {"type": "number"}}
TEXT = {"type": "string"}
BOX = {"type": "object", "properties": {"bbox": NUMBERS, "crs": {"enum": ["CRS84"]}}}
DAY = datetime.date(2024, 7, 1)
MOMENT = datetime.datetime(2024, 7, 1, 12, tzinfo=datetime.UTC)
FRAME = pd.DataFrame({"name": ["a", "b,c"], "n": [1, 2]})
SHAPE = box(-2.9, 53.1, -1.7, 53.8)


@pytest.fixture
def remote(client, monkeypatch):
    """Give staging to a runner that sees no files of this computer."""
    monkeypatch.setattr(type(client._http), "is_local", False)
    return Staging(client._http)


def send(value, schema, staging=None):
    return to_wire({"x": value}, {"x": {"schema": schema}}, staging)["x"]


def content_of(fake, sent):
    assert sent["class"] == "File"
    place = sent["location"].removeprefix("eodh-store:///inputs/")
    assert hashlib.sha256(fake.inputs[place]).hexdigest() == place.partition("/")[0]
    return fake.inputs[place]


@pytest.mark.parametrize(
    ("value", "schema", "sent"),
    [
        (DAY, {"type": "string", "format": "date"}, "2024-07-01"),
        (MOMENT, {"type": "string", "format": "date"}, "2024-07-01"),
        (DAY, {"type": "string", "format": "date-time"}, "2024-07-01T00:00:00Z"),
        (pd.Timestamp(MOMENT), {"type": "string"}, "2024-07-01T12:00:00+00:00"),
        (np.datetime64("2024-07-01T12:00:00", "ns"), TEXT, "2024-07-01T12:00:00"),
        (SHAPE, NUMBERS, [-2.9, 53.1, -1.7, 53.8]),
        (BoundingBox(1, 2, 3, 4), NUMBERS, [1, 2, 3, 4]),
        (SHAPE, BOX, [-2.9, 53.1, -1.7, 53.8]),
        (Point(1, 2), {"type": "object"}, {"type": "Point", "coordinates": [1.0, 2.0]}),
        (FRAME, {"type": "array"}, [{"name": "a", "n": 1}, {"name": "b,c", "n": 2}]),
        (pd.Series([1, 2]), NUMBERS, [1, 2]),
    ],
)
def test_objects_of_libraries_are_sent_as_the_input_takes_them(value, schema, sent):
    assert send(value, schema) == sent


@pytest.mark.parametrize(
    ("value", "schema", "message"),
    [
        (SHAPE, TEXT, r"a Polygon does not fit a text; give shape\.wkt"),
        (b"x", TEXT, "bytes fit a file alone"),
        (pystac.Catalog("c", "d"), FOLDER, "is in no folder of this computer"),
        (pystac.Catalog("c", "d"), TEXT, "has no address; the input takes one"),
    ],
)
def test_object_that_does_not_fit_says_what_to_give(value, schema, message):
    with pytest.raises(InputError, match=message):
        send(value, schema)


def test_file_is_given_by_path_to_ones_own_runner(client, fake, tmp_path):
    (tmp_path / "a.tif").write_bytes(b"x")

    sent = send(tmp_path / "a.tif", FILE, Staging(client._http))

    assert sent == {"class": "File", "location": (tmp_path / "a.tif").as_uri()}
    assert not fake.inputs


def test_file_is_sent_once_to_a_runner_elsewhere_and_again_when_it_changed(remote, fake, tmp_path):
    path = tmp_path / "a b.tif"
    path.write_bytes(b"first")

    one, two = send(path, FILE, remote), send([path], {"items": FILE}, remote)[0]
    path.write_bytes(b"second, longer")
    three = send(str(path), FILE, remote)

    assert one == two
    assert one["basename"] == "a b.tif"
    assert (content_of(fake, one), content_of(fake, three)) == (b"first", b"second, longer")
    assert [r["method"] for r in fake.requests if r["path"].startswith("inputs/")].count("PUT") == 2


def test_runner_is_asked_again_for_what_it_may_have_taken_away(remote, fake, tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(b"scene")
    sent = remote.path(tmp_path / "a.tif", "File")
    fake.inputs.clear()
    monkeypatch.setattr("eodh_jupyter.staging.FRESH_S", -1)

    again = remote.path(tmp_path / "a.tif", "File")

    assert again == sent
    assert len([r for r in fake.requests if r["method"] == "PUT"]) == 2


def test_file_that_the_runner_has_is_not_sent_by_the_next_kernel(remote, client, fake, tmp_path):
    (tmp_path / "a.tif").write_bytes(b"x")

    one = send(tmp_path / "a.tif", FILE, remote)
    two = send(tmp_path / "a.tif", FILE, Staging(client._http))

    assert one == two
    methods = [r["method"] for r in fake.requests if r["path"].startswith("inputs/")]
    assert methods == ["HEAD", "PUT", "HEAD"]


def test_folder_is_sent_as_its_listing_and_no_link_leads_out_of_it(remote, fake, tmp_path):
    (tmp_path / "scene" / "deep").mkdir(parents=True)
    (tmp_path / "scene" / "item.json").write_bytes(b"{}")
    (tmp_path / "scene" / "deep" / "b.tif").write_bytes(b"b")

    sent = send(tmp_path / "scene", FOLDER, remote)

    assert (sent["class"], sent["basename"]) == ("Directory", "scene")
    deep, item = sent["listing"]
    assert content_of(fake, item) == b"{}"
    assert content_of(fake, deep["listing"][0]) == b"b"
    (tmp_path / "scene" / "out").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="is a link that leads out of its folder"):
        send(tmp_path / "scene", FOLDER, remote)


@pytest.mark.parametrize(
    ("value", "schema", "name", "content"),
    [
        (FRAME, FILE, "table.csv", b'name,n\na,1\n"b,c",2\n'),
        (FRAME.set_index("name"), FILE, "table.csv", b'name,n\na,1\n"b,c",2\n'),
        (b"raw", FILE, "data", b"raw"),
    ],
)
def test_objects_become_files_by_their_content(client, fake, value, schema, name, content):
    sent = send(value, schema, Staging(client._http))

    assert (sent["basename"], content_of(fake, sent)) == (name, content)


def test_frame_is_parquet_or_geojson_where_that_is_taken(client, fake, tmp_path):
    staging = Staging(client._http)
    frame = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(600000, 5900000)], crs="EPSG:32630")

    table = send(FRAME, {**FILE, "contentMediaType": "application/vnd.apache.parquet"}, staging)
    features = send(frame, FILE, staging)

    (tmp_path / "t").write_bytes(content_of(fake, table))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t"), FRAME)
    west, south = json.loads(content_of(fake, features))["features"][0]["geometry"]["coordinates"]
    assert (round(west, 1), round(south)) == (-1.5, 53)


def test_stac_item_is_sent_as_file_folder_or_address_with_assets_that_are_found(
    client, fake, tmp_path
):
    item = pystac.Item("s2", None, None, MOMENT, {})
    item.add_asset("red", pystac.Asset("./red.tif"))
    item.set_self_href(str(tmp_path / "s2" / "s2.json"))
    item.save_object(include_self_link=False)
    staging = Staging(client._http)

    file, folder, text = (send(item, schema, staging) for schema in (FILE, FOLDER, TEXT))

    assert json.loads(content_of(fake, file))["assets"]["red"]["href"] == str(
        tmp_path / "s2" / "red.tif"
    )
    assert folder == {"class": "Directory", "location": (tmp_path / "s2").as_uri()}
    assert text == str(tmp_path / "s2" / "s2.json")
    assert item.assets["red"].href == "./red.tif"


def test_result_of_one_job_is_the_input_of_the_next(client, fake):
    fake.status["status"] = "successful"
    fake.files["stac/catalog.json"] = b"{}"
    fake.results["stac"] = folder_link("stac")
    results = client.job(JOB).results
    staging = Staging(client._http)

    file, folder = send(results.mask, FILE, staging), send(results.stac, FOLDER, staging)

    assert file["location"].endswith("/mask.tif")
    assert folder["class"] == "Directory"
    assert send(results.area, {"type": "number"}) == 0
    with pytest.raises(InputError, match="is a file; the input takes none"):
        send(results.mask, {"type": "number"})
