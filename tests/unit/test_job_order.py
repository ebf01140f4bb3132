"""From the inputs of a request to the job order: values in the form that a type wants."""

import pytest
from eodh_runner.domain.process import Inspection
from eodh_runner.errors import BadInput
from eodh_runner.service.job_order import make_job_order

NUMBERS = {"type": "array", "items": {"type": "number"}}
BBOX = {
    "type": "object",
    "format": "ogc-bbox",
    "required": ["bbox", "crs"],
    "properties": {"bbox": NUMBERS, "crs": {"type": "string", "enum": ["CRS84", "CRS84h"]}},
}
POINT = {
    "type": "object",
    "format": "geojson-geometry",
    "required": ["type", "coordinates", "bbox"],
    "properties": {
        "type": {"type": "string", "enum": ["Point"]},
        "coordinates": NUMBERS,
        "bbox": NUMBERS,
    },
}
FEATURE = {
    "type": "object",
    "format": "geojson-feature",
    "required": ["type", "id", "geometry", "bbox"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "string"},
        "geometry": {"oneOf": [POINT]},
        "bbox": NUMBERS,
    },
}
DATE = {"type": "string", "format": "date", "x-cwl-field": "value"}


def order(schema, value):
    inspection = Inspection(
        "p", "", "", "", (), (), {"x": {"schema": schema, "minOccurs": 1}}, {}, {}, {}
    )
    return make_job_order(inspection, {"x": value}, may_read_files=False)["x"]


@pytest.mark.parametrize(
    ("schema", "given", "wanted"),
    [
        (BBOX, [1, 2, 3, 4], {"bbox": [1, 2, 3, 4], "crs": "CRS84"}),
        (BBOX, {"bbox": [1, 2, 3, 4]}, {"bbox": [1, 2, 3, 4], "crs": "CRS84"}),
        (
            BBOX,
            {"bbox": [1, 2, 3, 4], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
            {"bbox": [1, 2, 3, 4], "crs": "CRS84"},
        ),
        (
            {"allOf": [{"format": "ogc-bbox"}, {"type": "object", "required": ["bbox"]}]},
            [1, 2, 3, 4],
            {"bbox": [1, 2, 3, 4]},
        ),
        (
            POINT,
            {"type": "Point", "coordinates": [5, 6]},
            {"type": "Point", "coordinates": [5, 6], "bbox": [5, 6, 5, 6]},
        ),
        (
            FEATURE,
            {"type": "Point", "coordinates": [5, 6]},
            {
                "type": "Feature",
                "id": "feature",
                "geometry": {"type": "Point", "coordinates": [5, 6], "bbox": [5, 6, 5, 6]},
                "bbox": [5, 6, 5, 6],
            },
        ),
        (DATE, "2024-07-01", {"value": "2024-07-01"}),
        (DATE, {"value": "2024-07-01"}, {"value": "2024-07-01"}),
        (
            {"type": "array", "items": DATE},
            ["2024-07-01", {"value": "2024-07-02"}],
            [{"value": "2024-07-01"}, {"value": "2024-07-02"}],
        ),
        (
            {"type": "array", "items": BBOX},
            [[1, 2, 3, 4]],
            [{"bbox": [1, 2, 3, 4], "crs": "CRS84"}],
        ),
    ],
)
def test_value_takes_the_form_that_its_type_wants(schema, given, wanted):
    assert order(schema, given) == wanted


@pytest.mark.parametrize(
    ("schema", "given", "says"),
    [
        (DATE, "2024-13-01", "must be a date such as 2024-07-01, not '2024-13-01'"),
        ({"type": "string", "format": "date-time"}, "soon", "must be a time such as"),
        (BBOX, [1, 2, 3], "must have 4 numbers: west, south, east, north; there are 3"),
        (BBOX, "1,2,3,4", "must be an object"),
        (BBOX, {"bbox": [1, 2, 3, "x"]}, "must be a number"),
        ({"type": "string", "minLength": 2}, "a", "must have at least 2 characters; there are 1"),
        ({"type": "string", "maxLength": 2}, "abc", "must have at most 2 characters"),
        ({"type": "array", "maxItems": 1}, [1, 2], "must have at most 1 entries; there are 2"),
        ({"type": "array", "minItems": 1}, [], "must have at least 1 entries; there are 0"),
        ({"type": "integer", "maximum": 100}, 120, "must be at most 100"),
        (POINT, {"type": "Point"}, "'coordinates' is missing"),
    ],
)
def test_value_that_does_not_fit_is_explained(schema, given, says):
    with pytest.raises(BadInput) as caught:
        order(schema, given)

    assert says in caught.value.invalid["x"]


def test_bounds_of_numbers_leave_texts_alone():
    assert order({"type": "string", "minimum": 5}, "a") == "a"
