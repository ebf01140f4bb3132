"""Forms from the inputs of processes: every kind of field, and every package at hand."""

from pathlib import Path

import pytest
from eodh_runner.domain.process import Inspection
from eodh_runner.engine import document
from eodh_runner.engine.describe import describe
from eodh_runner.service import echo
from eodh_runner.service.form import field, form

ROOT = Path(__file__).parents[2]
EOAP = "https://raw.githubusercontent.com/eoap/schemas/main/"
#: As in the application package schemas, cut to what is asked for here.
SCHEMAS = {
    "string_format.yaml": "\n".join(
        f"- {{type: record, name: {name}, fields: [{{name: value, type: string}}]}}"
        for name in ("Date", "DateTime", "Password", "URI")
    ),
    "ogc.yaml": """
- {type: enum, name: CRS, symbols: [CRS84, CRS84h]}
- type: record
  name: BBox
  fields: [{name: bbox, type: {type: array, items: double}}, {name: crs, type: CRS}]
""",
    "geojson.yaml": """
- {type: enum, name: PointType, symbols: [Point]}
- type: record
  name: Point
  fields:
  - {name: type, type: PointType}
  - {name: coordinates, type: {type: array, items: double}}
  - {name: bbox, type: {type: array, items: double}}
- {type: enum, name: FeatureType, symbols: [Feature]}
- type: record
  name: Feature
  fields:
  - {name: type, type: FeatureType}
  - {name: id, type: string}
  - {name: geometry, type: [Point]}
  - {name: bbox, type: {type: array, items: double}}
""",
}


def fetch(url):
    name = url.removeprefix(EOAP)
    if name not in SCHEMAS:
        raise document.Refused(f"no network: {url}")
    return SCHEMAS[name]


def inspect(text, process_id=None):
    """Give what the engine reads from a document, without its jail."""
    raw = document.read(text)
    process_id = process_id or document.choose(raw, document.PACKAGE, None)
    process = document.load(text, document.PACKAGE, process_id, fetch)
    return Inspection(**describe(process, raw, process_id), document={})


def tool(inputs, more=""):
    return f"""cwlVersion: v1.2
class: CommandLineTool
id: t
baseCommand: echo
$namespaces: {{s: https://schema.org/, cwltool: "http://commonwl.org/cwltool#"}}
requirements:
  SchemaDefRequirement:
    types: [{", ".join(f"{{$import: {EOAP}{name}}}" for name in SCHEMAS)}]
{more}
inputs:
{inputs}
outputs: []
"""


def fields_of(inputs, more=""):
    return form(inspect(tool(inputs, more)))


def made(schema, **more):
    """Give a field without its schema and without what is always there."""
    found = field("x", schema, **more)
    assert found.pop("schema") == schema
    assert found.pop("help") == ""
    assert (found.pop("name"), found.pop("label")) == ("x", "x")
    return found


NEEDED = {"required": True}


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "string"}, {"kind": "text", **NEEDED}),
        (
            {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^a"},
            {"kind": "text", "min_length": 2, "max_length": 5, "pattern": "^a", **NEEDED},
        ),
        (
            {"type": "string", "default": "a\nb"},
            {"kind": "long_text", "default": "a\nb", "required": False},
        ),
        ({"type": "string", "maxLength": 500}, {"kind": "long_text", "max_length": 500, **NEEDED}),
        ({"type": "string", "format": "password"}, {"kind": "secret", **NEEDED}),
        (
            {"type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 3, "default": 0},
            {
                "kind": "integer", "minimum": 0, "maximum": 9, "step": 3,
                "default": 0, "required": False,
            },
        ),
        (
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "x-unit": "m"},
            {
                "kind": "number", "exclusive_minimum": 0, "exclusive_maximum": 1, "unit": "m",
                **NEEDED,
            },
        ),
        (
            {"type": "boolean", "default": False},
            {"kind": "boolean", "default": False, "required": False},
        ),
        (
            {"type": "string", "enum": ["a", "b"], "nullable": True},
            {"kind": "choice", "options": ["a", "b"], "required": False},
        ),
        ({"enum": [1, 2]}, {"kind": "choice", "options": [1, 2], **NEEDED}),
        ({"enum": [{}, []]}, {"kind": "json", **NEEDED}),
        ({"type": "string", "format": "date"}, {"kind": "date", **NEEDED}),
        ({"type": "string", "format": "date-time"}, {"kind": "datetime", **NEEDED}),
        (
            {
                "type": "array", "minItems": 2, "maxItems": 2,
                "items": {"type": "string", "format": "date-time"},
            },
            {"kind": "interval", "min_items": 2, "max_items": 2, **NEEDED},
        ),
        ({"allOf": [{"format": "ogc-bbox"}, {"type": "object"}]}, {"kind": "bbox", **NEEDED}),
        (
            {"type": "object", "format": "ogc-bbox", "default": {"bbox": [1, 2, 3, 4]}},
            {"kind": "bbox", "default": [1, 2, 3, 4], "required": False},
        ),
        ({"type": "object", "format": "geojson-geometry"}, {"kind": "geometry", **NEEDED}),
        ({"type": "object", "format": "geojson-feature"}, {"kind": "geometry", **NEEDED}),
        (
            {"type": "object", "format": "geojson-feature-collection"},
            {"kind": "json", **NEEDED},
        ),
        (
            {"type": "string", "x-cwl-class": "File", "contentMediaType": "image/tiff"},
            {"kind": "file", "media_types": ["image/tiff"], **NEEDED},
        ),
        ({"type": "string", "x-cwl-class": "Directory"}, {"kind": "directory", **NEEDED}),
        ({}, {"kind": "json", **NEEDED}),
        ({"type": "object"}, {"kind": "json", **NEEDED}),
        ({"type": "array"}, {"kind": "json", **NEEDED}),
        ({"oneOf": [{"type": "string"}]}, {"kind": "json", **NEEDED}),
    ],
)  # fmt: skip
def test_field_of_schema_has_kind_and_bounds(schema, wanted):
    assert made(schema) == wanted


def test_field_of_a_list_has_the_field_of_its_entries():
    found = made({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 12})

    assert (found["kind"], found["min_items"], found["max_items"]) == ("array", 1, 12)
    item = {**found["item"]}
    assert item.pop("schema") == {"type": "integer"}
    assert item == {
        "name": "item", "label": "Whole number", "help": "", "kind": "integer", "required": True,
    }  # fmt: skip


def test_field_of_a_record_has_fields_with_their_words():
    schema = {
        "type": "object",
        "required": ["resolution"],
        "properties": {
            "resolution": {"type": "number", "title": "Resolution", "description": "in metres"},
            "note": {"type": "string", "nullable": True},
        },
    }

    resolution, note = made(schema)["fields"]

    assert (resolution["label"], resolution["unit"]) == ("Resolution", "m")
    assert (resolution["required"], note["required"]) == (True, False)


def test_field_of_a_union_has_a_choice_for_each_kind():
    schema = {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "title": "A window", "properties": {"x": {"type": "integer"}}},
        ]
    }

    choices = made(schema)["choices"]

    assert [(c["name"], c["label"], c["kind"]) for c in choices] == [
        ("text", "Text", "text"),
        ("array", "List of text", "array"),
        ("record", "A window", "record"),
    ]


def test_schema_that_holds_itself_ends_as_json():
    schema = {"type": "array", "items": {}}
    schema["items"] = schema

    found, depth = field("x", schema), 0
    while found["kind"] == "array":
        found, depth = found["item"], depth + 1

    assert (found["kind"], depth) == ("json", 6)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Largest cloud cover, in percent (0-100)", {"minimum": 0, "maximum": 100, "unit": "%"}),
        ("between 0.5 and 1", {"minimum": 0.5, "maximum": 1}),
        ("from -90 to 90 (degrees)", {"minimum": -90, "maximum": 90, "unit": "°"}),
        ("Pixel size [m]", {"unit": "m"}),
        ("number of days", {"unit": "days"}),
        ("Cloud cover percentage", {"unit": "%"}),
        ("one of 3 to 5 things", {}),
        ("(0-100) or (0-1)", {}),
        ("(100-0)", {}),
        (f"({'9' * 400} - 1)", {}),
        ("[" + " " * 100_000, {}),
    ],
)
def test_words_beside_a_number_tell_unit_and_range(words, wanted):
    found = field("x", {"type": "number", "description": words})

    assert {k: found[k] for k in ("minimum", "maximum", "unit") if k in found} == wanted


def test_range_in_words_that_refuses_the_default_is_left_aside():
    found = field("x", {"type": "number", "description": "share (0-1)", "default": 20})

    assert "maximum" not in found


@pytest.mark.parametrize(
    ("name", "words", "meant"),
    [
        ("aoi", "area of interest as a bounding box", "bbox"),
        ("aoi", "west,south,east,north in the reference system", "bbox"),
        ("aoi", "the place", "geometry"),
        ("place", "area of interest (WKT format)", "geometry"),
        ("clip", "whether to crop the data to the AOI footprint", None),
        ("date_range", "date range for checks", "interval"),
        ("date_start", "The start date", "date"),
        ("size", "a percentage", None),
    ],
)
def test_words_beside_a_text_suggest_what_it_holds(name, words, meant):
    found = field(name, {"type": "string", "description": words})

    assert (found["kind"], found.get("suggests")) == ("text", meant)


def test_fields_stand_in_the_order_of_the_document():
    found = fields_of("  zoom: int\n  area: string\n  mask: boolean?\n")

    assert [entry["name"] for entry in found] == ["zoom", "area", "mask"]


def test_fields_take_bounds_and_units_from_schema_org():
    (found,) = fields_of(
        "  cloud: {type: int, s:minValue: 0, s:maxValue: 100.0, s:unitText: '%', s:stepValue: 5}\n"
    )

    wanted = {"minimum": 0, "maximum": 100, "unit": "%", "step": 5}
    assert {name: found[name] for name in wanted} == wanted


def test_bounds_of_schema_org_that_are_no_numbers_are_left_aside():
    (found,) = fields_of("  cloud: {type: int, s:minValue: low, s:maxValue: .inf}\n")

    assert not {"minimum", "maximum"} & set(found)


def test_fields_know_the_types_of_application_packages():
    found = fields_of(
        f"  day: {EOAP}string_format.yaml#Date\n"
        f"  time: {EOAP}string_format.yaml#DateTime\n"
        f"  word: {EOAP}string_format.yaml#Password\n"
        f"  items: {{type: {{type: array, items: '{EOAP}string_format.yaml#URI'}}}}\n"
        f"  box: {EOAP}ogc.yaml#BBox\n"
        f"  point: {EOAP}geojson.yaml#Point\n"
        f"  aoi: {{type: ['null', '{EOAP}geojson.yaml#Feature']}}\n"
    )

    assert [(entry["name"], entry["kind"], entry["required"]) for entry in found] == [
        ("day", "date", True),
        ("time", "datetime", True),
        ("word", "secret", True),
        ("items", "array", True),
        ("box", "bbox", True),
        ("point", "geometry", True),
        ("aoi", "geometry", False),
    ]
    assert found[3]["item"]["schema"]["format"] == "uri"


def test_inputs_that_the_document_calls_secret_are_secret():
    (found,) = fields_of("  key: string\n", "hints: {cwltool:Secrets: {secrets: [key]}}")

    assert found["kind"] == "secret"


def test_form_of_the_built_in_process_draws_every_input():
    assert {entry["name"]: entry["kind"] for entry in form(echo.INSPECTION)} == {
        "stringInput": "text",
        "arrayInput": "array",
        "boundingBoxInput": "bbox",
        "binaryInput": "union",
        "mixedInput": "union",
        "pause": "integer",
    }


STAC = ["fn text!", "stac directory!", "size text!"]
URL = ["fn text", "url text", "size text"]
SEARCH = ["stac_collection text!", "date_start text! date", "date_end text! date"]
PACKAGES = {
    "eodh/cloud-free-best-pixel": [
        "catalog text", "collection text", "intersects long_text geometry",
        "start_datetime text date", "end_datetime text date",
    ],
    "eodh/convert-stac": STAC,
    "eodh/convert-url": URL,
    "eodh/lulc-change": [
        "source text!", "aoi text! geometry", "date_start text! date", "date_end text! date",
    ],
    "eodh/physrisk-filter": ["assets text!"],
    "eodh/qa-workflow": [
        "s3_endpoint text!", "date_range text! interval", "data_collection text!",
        "qa_check_type text!",
    ],
    "eodh/raster-calculate": [
        SEARCH[0], "aoi text! geometry", *SEARCH[1:], "index text!", "clip text!", "limit text!",
    ],
    "eodh/resize-sentinel2ard": [],
    "eodh/resize-urls": ["urls array!", "outsize_x text", "outsize_y text"],
    "eodh/scatter-raster-calculate": [
        "areas array! geometry", *SEARCH, "index text!", "clip text!", "limit text!",
    ],
    "eodh/snuggs": ["input_reference array!", "s_expression array!", "assets array"],
    "eodh/water-bodies": ["aoi text! bbox", "epsg text", "stac_items array!", "bands array"],
    "failure-samples/app-error/convert-url-app-error": URL,
    "failure-samples/invalid-stac/convert-url-app-inv-stac": URL,
    "failure-samples/invalid-stagein/convert-stac-app-invalid-stagein": STAC,
    "failure-samples/no-catalog/convert-url-app-no-catalog": URL,
    "failure-samples/no-items/convert-url-app-no-catalog": URL,
    "failure-samples/no-outputs/convert-url-app-no-outputs": URL,
    "failure-samples/sleep/convert-url-app-sleep": URL,
    "failure-samples/working-stac/convert-stac-app": STAC,
    "failure-samples/working-url/convert-url-app": URL,
}  # fmt: skip
#: Not CWL, by purpose.
NO_PACKAGES = {"eodh/ndvi-urls", "failure-samples/invalid-glob/convert-url-app-invalid-glob"}


def in_short(fields):
    """Give each field as one line: name, kind, `!` when it is needed, and what it suggests."""
    return [
        " ".join(
            filter(
                None,
                (
                    entry["name"],
                    entry["kind"] + "!" * entry["required"],
                    entry.get("suggests") or entry.get("item", {}).get("suggests"),
                ),
            )
        )
        for entry in fields
    ]


@pytest.mark.parametrize("name", PACKAGES)
def test_form_of_an_eodh_package_draws_every_input(shared, name):
    text = (shared / f"fixtures/application-packages/{name}.cwl").read_text()

    assert in_short(form(inspect(text))) == PACKAGES[name]


def test_every_package_at_hand_is_in_the_table(shared):
    folder = shared / "fixtures/application-packages"
    found = {str(file.relative_to(folder).with_suffix("")) for file in folder.rglob("*.cwl")}

    assert found - NO_PACKAGES == set(PACKAGES)


def test_form_of_the_example_suggests_a_map():
    text = (ROOT / "examples/vegetation-extent/vegetation-extent.cwl").read_text()

    assert in_short(form(inspect(text))) == [
        "items array!",
        "aoi text bbox",
        "epsg text",
        "bands array",
    ]
