"""What the example package hands over: mosaic, area, picture, STAC catalogue."""

import numpy as np
import pystac
import pytest
import rasterio
from vegetation_extent.catalogue import COLOURS, join, make_catalogue
from vegetation_extent.raster import BadInput
from vegetation_extent.threshold import NO_DATA

TRUE, FALSE = 1, 0


@pytest.fixture
def make_masks(make_raster):
    """Give a function that writes masks at columns of the scene."""

    def make(*parts, **options):
        return [
            make_raster(f"{number}/mask.tif", np.array(rows, "uint8"), column=column, **options)
            for number, (column, rows) in enumerate(parts)
        ]

    return make


def test_overlap_counts_once_and_is_vegetation_when_either_says_so(make_masks):
    masks = make_masks(
        (0, [[TRUE, TRUE, FALSE, NO_DATA]]), (2, [[TRUE, FALSE, FALSE, TRUE]]), nodata=NO_DATA
    )

    assert join(masks).values.tolist() == [[1, 1, 1, 0, 0, 1]]
    assert join(masks[::-1]).values.tolist() == join(masks).values.tolist()


def test_gap_between_scenes_holds_no_data(make_masks):
    masks = make_masks((0, [[TRUE]]), (2, [[FALSE]]), nodata=NO_DATA)

    assert join(masks).values.tolist() == [[1, NO_DATA, 0]]


def test_catalogue_measures_and_is_valid_without_a_network(
    folder, make_masks, make_item, offline, capsys
):
    items = [make_item("a", taken="2020-01-02T00:00:00Z"), make_item("b")]
    masks = make_masks((0, [[TRUE, FALSE]]), (1, [[TRUE, NO_DATA]]), nodata=NO_DATA)

    area_km2 = make_catalogue(items, masks)

    assert area_km2 == pytest.approx(2 * 100 / 1e6)
    assert (folder / "area.txt").read_text() == "0.0002\n"
    assert "vegetation covers 0.0002 km2 of 0.0002 km2" in capsys.readouterr().out
    catalogue = pystac.Catalog.from_file(str(folder / "catalogue" / "catalog.json"))
    assert catalogue.validate_all() == 1
    (item,) = catalogue.get_items()
    assert item.properties["vegetation:items"] == ["a", "b"]
    assert item.properties["start_datetime"] == "2020-01-02T00:00:00Z"
    assert item.properties["end_datetime"] == "2020-01-02T03:04:05Z"
    for asset in item.get_assets().values():
        with rasterio.open(asset.get_absolute_href()) as source:
            assert source.shape == (1, 3)


def test_catalogue_of_one_moment_has_that_moment(folder, make_masks, make_item):
    make_catalogue([make_item()], make_masks((0, [[TRUE]]), nodata=NO_DATA))

    (item,) = pystac.Catalog.from_file("catalogue/catalog.json").get_items()
    assert item.datetime.isoformat() == "2020-01-02T03:04:05+00:00"


def test_picture_shows_the_classes_and_leaves_no_data_clear(folder, make_masks, make_item):
    make_catalogue([make_item()], make_masks((0, [[TRUE, FALSE, NO_DATA]]), nodata=NO_DATA))

    target = folder / "catalogue" / "vegetation"
    with rasterio.open(target / "preview.png") as source:
        colours = [tuple(source.read()[:, 0, column].tolist()) for column in range(3)]
    assert colours == [COLOURS[1], COLOURS[0], (0, 0, 0, 0)]
    assert sorted(path.name for path in target.iterdir()) == [
        "mask.tif",
        "preview.png",
        "vegetation.json",
    ]


@pytest.mark.parametrize("crs", ["EPSG:4326", None, "EPSG:2229"])
def test_area_needs_metres(make_masks, make_item, crs):
    masks = make_masks((0, [[TRUE]]), nodata=NO_DATA, crs=crs)

    with pytest.raises(BadInput, match="an area needs a reference system in metres"):
        make_catalogue([make_item()], masks)


def test_masks_of_other_reference_systems_are_refused(make_masks, make_raster):
    other = make_raster("x/mask.tif", np.ones((1, 1), "uint8"), crs="EPSG:32718", nodata=NO_DATA)

    with pytest.raises(BadInput, match="EPSG:32718, EPSG:32719"):
        join([*make_masks((0, [[TRUE]]), nodata=NO_DATA), other])
