"""The tools of the example package: crop, normalised difference, Otsu's threshold."""

import json

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window
from vegetation_extent.__main__ import main
from vegetation_extent.crop import crop, find_window
from vegetation_extent.index import normalized_difference
from vegetation_extent.raster import BadInput
from vegetation_extent.threshold import NO_DATA, find_threshold, otsu

GRID = Affine(10, 0, 0, 0, -10, 100)
RAMP = np.arange(12, dtype="float32").reshape(3, 4)


def values_of(path):
    with rasterio.open(path) as source:
        return source.read(1)


@pytest.mark.parametrize(
    ("bounds", "window"),
    [
        ((0, 0, 100, 100), Window(0, 0, 10, 10)),
        ((-50, -50, 500, 500), Window(0, 0, 10, 10)),
        ((10, 70, 30, 90), Window(1, 1, 2, 2)),
        ((9, 71, 29, 91), Window(0, 0, 3, 3)),
        ((10 - 1e-9, 70 - 1e-9, 30 + 1e-9, 90 + 1e-9), Window(1, 1, 2, 2)),
        ((12, 82, 13, 83), Window(1, 1, 1, 1)),
        ((100, 0, 120, 100), None),
        ((0, 100, 100, 120), None),
        ((float("inf"),) * 4, None),
    ],
)
def test_window_of_bounds_holds_every_cell_they_touch(bounds, window):
    assert find_window(bounds, GRID, (10, 10)) == window


@pytest.mark.parametrize("aoi", ["", "  "])
def test_crop_without_area_keeps_the_whole_band(make_item, aoi):
    path = crop(make_item(red=RAMP), aoi, "EPSG:4326", "red")

    assert path.name == "one-red.tif"
    np.testing.assert_array_equal(values_of(path), RAMP)


def test_crop_with_area_keeps_its_cells_in_their_place(make_item):
    path = crop(make_item(red=RAMP), "600010,4699990,600030,4700010", "EPSG:32719", "red")

    np.testing.assert_array_equal(values_of(path), RAMP[1:3, 1:3])
    with rasterio.open(path) as source:
        assert tuple(source.bounds) == (600010, 4699990, 600030, 4700010)


@pytest.mark.parametrize(
    ("aoi", "epsg", "band", "text"),
    [
        ("1,2,3", "EPSG:4326", "red", "'1,2,3' is not west,south,east,north"),
        ("a,b,c,d", "EPSG:4326", "red", "is not west,south,east,north"),
        ("5,2,3,4", "EPSG:4326", "red", "is not west,south,east,north"),
        ("nan,2,3,4", "EPSG:4326", "red", "is not west,south,east,north"),
        ("1,2,3,4", "EPSG:4326", "red", "does not touch item 'one'; leave the item out"),
        ("100,80,120,85", "EPSG:4326", "red", "does not touch item 'one'"),
        ("1,2,3,4", "EPSG:99999", "red", "'EPSG:99999' is no reference system"),
        ("1,2,3,4", "EPSG:none", "red", "'EPSG:none' is no reference system"),
        ("", "EPSG:4326", "nir", "item 'one' has no band 'nir'; it has: red"),
    ],
)
def test_crop_of_a_wrong_input_names_it(make_item, aoi, epsg, band, text):
    with pytest.raises(BadInput, match=text):
        crop(make_item(red=RAMP), aoi, epsg, band)


def test_crop_to_an_area_without_georeference_is_refused(make_item, make_raster):
    item = make_item(red=RAMP)
    make_raster("one/red.tif", RAMP, crs=None)

    with pytest.raises(BadInput, match="item 'one' has no reference system"):
        crop(item, "1,2,3,4", "EPSG:4326", "red")


@pytest.mark.parametrize(
    ("content", "text"),
    [(None, "holds no item.json"), ("{", "is not a STAC item"), ("[]", "is not a STAC item")],
)
def test_crop_of_a_folder_without_item_says_so(folder, content, text):
    (folder / "empty").mkdir()
    if content is not None:
        (folder / "empty" / "item.json").write_text(content)

    with pytest.raises(BadInput, match=text):
        crop(folder / "empty", "", "EPSG:4326", "red")


def test_crop_of_a_band_whose_file_is_missing_names_the_file(make_item):
    item = make_item(red=RAMP)
    (item / "red.tif").unlink()

    with pytest.raises(BadInput, match=r"band 'red' of item 'one' .* red\.tif"):
        crop(item, "", "EPSG:4326", "red")


def test_difference_is_empty_where_a_band_is_or_both_are_zero(make_raster):
    first = make_raster("nir.tif", np.array([[3, 1, 0, 9]], "uint16"), nodata=9)
    second = make_raster("red.tif", np.array([[1, 3, 0, 5]], "uint16"))

    index = values_of(normalized_difference(first, second))

    np.testing.assert_array_equal(index, np.array([[0.5, -0.5, np.nan, np.nan]], "float32"))


def test_difference_of_other_grids_is_refused(make_raster):
    first, second = make_raster("nir.tif", RAMP), make_raster("swir1.tif", RAMP, column=1)

    with pytest.raises(BadInput, match=r"nir\.tif and swir1\.tif lie on different grids"):
        normalized_difference(first, second)


def test_difference_without_data_is_refused(make_raster):
    empty = make_raster("nir.tif", np.zeros((2, 2), "float32"))

    with pytest.raises(BadInput, match="no data"):
        normalized_difference(empty, empty)


def test_threshold_lies_within_a_bin_of_the_best_split():
    generator = np.random.default_rng(1)
    values = np.concatenate([generator.normal(0.1, 0.03, 4000), generator.normal(0.6, 0.1, 1500)])
    ordered, total = np.sort(values), values.sum()
    count = np.arange(1, ordered.size)
    means = np.cumsum(ordered)[:-1] / count, (total - np.cumsum(ordered)[:-1]) / count[::-1]
    best = ordered[np.argmax(count * count[::-1] * (means[0] - means[1]) ** 2)]

    assert abs(find_threshold(values) - best) < 2 * np.ptp(values) / 256


def test_threshold_of_equal_values_is_that_value():
    assert find_threshold(np.full(5, 0.25)) == 0.25


def test_otsu_keeps_apart_what_has_no_data(make_raster):
    path = make_raster("index.tif", np.array([[0.1, 0.9, np.nan], [0.2, 0.8, 0.1]], "float32"))

    mask = values_of(otsu(path))

    assert mask.tolist() == [[0, 1, NO_DATA], [0, 1, 0]]


def test_otsu_of_nothing_is_refused(make_raster):
    with pytest.raises(BadInput, match=r"index\.tif has no data"):
        otsu(make_raster("index.tif", np.full((2, 2), np.nan, "float32")))


def test_command_with_a_wrong_input_ends_with_one_line(make_item):
    item = make_item(red=RAMP)

    with pytest.raises(SystemExit, match=r"^error: item 'one' has no band 'nir'; it has: red$"):
        main(["crop", "--item", str(item), "--band", "nir"])


def test_command_takes_an_area_that_begins_with_a_minus(make_item, capsys):
    item = make_item(red=RAMP)
    words = ["crop", "--item", str(item), "--band", "red", "--epsg", "EPSG:32719"]

    main([*words, "--aoi=-1,-1,700000,5000000"])

    assert "one, band red: 100 % is in the area" in capsys.readouterr().out


def test_item_may_have_any_name_when_it_is_alone(make_item):
    item = make_item(red=RAMP)
    described = json.loads((item / "item.json").read_text())
    (item / "item.json").rename(item / "S2A.json")

    assert crop(item, "", "EPSG:4326", "red").name == f"{described['id']}-red.tif"
