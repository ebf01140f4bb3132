import datetime
from pathlib import Path

import numpy as np
import pytest

from eodh_jupyter.errors import InputError
from eodh_jupyter.inputs import Typed, from_pairs, parse, read_job_order, to_wire

from .conftest import DESCRIPTION

INPUTS = DESCRIPTION["inputs"]
FILE = {"x-cwl-class": "File"}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (0, 0),
        (False, False),
        ("", ""),
        ([], []),
        (None, None),
        (np.float32(0.5), 0.5),
        (np.int64(2**40), 2**40),
        (np.bool_(False), False),
        (np.array([[1, 2]]), [[1, 2]]),
        ((1, (2,)), [1, [2]]),
        (datetime.date(2026, 3, 12), "2026-03-12"),
        (datetime.datetime(2026, 3, 12, 1, tzinfo=datetime.UTC), "2026-03-12T01:00:00+00:00"),
        (Path("a/b"), "a/b"),
        ({"a": (1,)}, {"a": [1]}),
    ],
)
def test_values_keep_what_they_mean_on_the_wire(value, sent):
    found = to_wire({"x": value}, {})["x"]

    assert (found, type(found)) == (sent, type(sent))


def test_local_file_is_sent_by_location_and_an_address_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.tif").touch()
    many = {"xs": {"schema": {"type": "array", "items": FILE}}}
    sent = {"class": "File", "location": (tmp_path / "a b.tif").as_uri()}

    assert to_wire({"scene": Path("a b.tif")}, INPUTS) == {"scene": sent}
    assert to_wire({"scene": "a b.tif"}, INPUTS) == {"scene": sent}
    assert to_wire({"scene": "s3://b/k"}, INPUTS) == {"scene": "s3://b/k"}
    assert to_wire({"xs": ["a b.tif", "https://h/x"]}, many) == {"xs": [sent, "https://h/x"]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "input 'x': nan cannot be sent"),
        ({1}, "input 'x': a set cannot be sent"),
        (np.array([np.inf]), "inf cannot be sent"),
    ],
)
def test_value_that_json_has_not_is_refused_by_name(value, message):
    with pytest.raises(InputError, match=message):
        to_wire({"x": value}, {})


def test_file_that_is_not_there_is_refused_before_launching():
    with pytest.raises(InputError, match="input 'scene': there is no file /nothing"):
        to_wire({"scene": "/nothing"}, INPUTS)


@pytest.mark.parametrize(
    ("text", "schema", "value"),
    [
        ("5", {"type": "string"}, "5"),
        ("5", {"type": "integer"}, 5),
        ("2e-3", {"type": "number"}, 0.002),
        ("5", {"type": "number"}, 5),
        ("False", {"type": "boolean"}, False),
        ('["a", "b"]', {"type": "array", "items": {"type": "string"}}, ["a", "b"]),
        ("a,b", {"type": "array", "items": {"type": "string"}}, ["a,b"]),
        ('{"a": 1}', {"type": "object"}, {"a": 1}),
        ("null", {"type": "integer", "nullable": True}, None),
        ("null", {"type": "string", "nullable": True}, "null"),
        ("on", {}, "on"),
        ("12:30", {}, "12:30"),
    ],
)
def test_text_is_read_by_the_type_of_the_input(text, schema, value):
    found = parse(text, schema)

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "schema", "message"),
    [
        ("1_0", {"type": "integer"}, "is not a whole number"),
        ("1.5", {"type": "integer"}, "is not a whole number"),
        ("nan", {"type": "number"}, "is not a number"),
        ("1e999", {"type": "number"}, "too large"),
        ("yes", {"type": "boolean"}, "is not true or false"),
        ("[1", {"type": "array"}, "is not a list in JSON"),
        ("x", {"type": "string", "enum": ["a", "b"]}, "is not one of a, b"),
    ],
)
def test_text_of_the_wrong_type_says_what_it_should_be(text, schema, message):
    with pytest.raises(ValueError, match=message):
        parse(text, schema)


def test_name_given_again_makes_a_list_where_one_is_taken():
    assert from_pairs([("names", "a"), ("names", "b")], INPUTS) == {"names": ["a", "b"]}
    assert from_pairs([("names", "a")], INPUTS) == {"names": ["a"]}
    assert from_pairs([("names", Typed(["x"]))], INPUTS) == {"names": ["x"]}
    with pytest.raises(InputError, match="'label': given more than once"):
        from_pairs([("label", "a"), ("label", "b")], INPUTS)


def test_job_order_is_read_as_yaml_1_2_with_paths_from_its_folder(tmp_path):
    (tmp_path / "o.yaml").write_text(
        "a: on\nb: 12:30:45\nc: 2e-3\nd: 2024-01-01\ne: 010\nf:\ng: ~\nh: true\ni: 1_0\n"
        "scene: {class: File, path: x/y.tif}\nother: [{class: File, location: 's3://b/k'}]\n"
    )

    assert read_job_order(tmp_path / "o.yaml") == {
        "a": "on",
        "b": "12:30:45",
        "c": 0.002,
        "d": "2024-01-01",
        "e": 10,
        "f": None,
        "g": None,
        "h": True,
        "i": "1_0",
        "scene": {"class": "File", "location": (tmp_path / "x/y.tif").as_uri()},
        "other": [{"class": "File", "location": "s3://b/k"}],
    }
    with pytest.raises(InputError, match="cannot be read"):
        read_job_order(tmp_path / "none.yaml")
