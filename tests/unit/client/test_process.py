import inspect
import json
from datetime import UTC, date, datetime
from typing import Literal

import pytest

from eodh_jupyter import InputError, UnknownInput
from eodh_jupyter.check import check, check_all
from eodh_jupyter.code import as_magic, as_python
from eodh_jupyter.field import Field
from eodh_jupyter.inputs import from_pairs, to_wire
from eodh_jupyter.parser import split

from .conftest import FIELDS, JOB


def field(kind, name="x", required=True, **more):
    return Field.from_json({"name": name, "kind": kind, "required": required, **more})


def launched(fake):
    return json.loads(fake.bodies("POST", "processes/ndvi/execution")[-1])["inputs"]


def test_signature_and_help_of_execute_tell_the_inputs(client, fake):
    fake.form = [
        *FIELDS,
        {"name": "index", "kind": "choice", "options": ["NDVI", "EVI"], "required": True},
        {"name": "day", "kind": "date", "required": True},
        {"name": "odd-name", "kind": "text", "required": False},
    ]

    execute = client.process("ndvi").execute
    signature = inspect.signature(execute)

    assert list(signature.parameters) == [*(f["name"] for f in FIELDS), "index", "day", "inputs"]
    assert signature.parameters["threshold"].default == 0.2
    assert signature.parameters["scene"].default is None
    assert signature.parameters["index"].default is inspect.Parameter.empty
    assert signature.parameters["index"].annotation == Literal["NDVI", "EVI"]
    assert signature.parameters["day"].annotation is date
    help_lines = inspect.getdoc(execute).splitlines()
    assert "threshold : number from 0 to 1, default 0.2" in help_lines
    assert "index : one of NDVI, EVI" in help_lines
    assert "odd-name : text, optional" in help_lines
    assert "    a text" in help_lines


def test_execute_launches_with_what_it_was_given(client, fake):
    job = client.process("ndvi").execute(label="a", threshold=0.5)

    assert job.id == JOB
    assert launched(fake) == {"label": "a", "threshold": 0.5}


def test_wrong_name_is_a_type_error_that_names_the_nearest(client, fake):
    with pytest.raises(TypeError, match="ndvi has no input 'treshold'; did you mean 'threshold'"):
        client.process("ndvi").execute(treshold=0.5)
    with pytest.raises(UnknownInput, match="It takes: scene, threshold, names, label, flag"):
        client.execute("ndvi", {"qqq": 1})
    assert not fake.jobs_by_key


def test_values_that_do_not_fit_are_named_all_at_once_and_nothing_is_launched(client, fake):
    fake.form = [*FIELDS, {"name": "day", "kind": "date", "required": True}]

    with pytest.raises(InputError) as caught:
        client.process("ndvi").execute(threshold=1.5, flag="yes")

    assert str(caught.value).splitlines() == [
        "threshold: 1.5 is more than 1",
        "flag: 'yes': yes or no",
        "day: is needed",
        "  ndvi takes as threshold: number from 0 to 1.",
        "  ndvi takes as flag: yes or no.",
        "  ndvi takes as day: date.",
        "  Nothing was launched.",
    ]
    assert not fake.jobs_by_key


def test_range_that_was_only_read_from_words_refuses_nothing(client, fake):
    fake.form = [{"name": "label", "kind": "number", "maximum": 1, "schema": {"type": "number"}}]

    client.process("ndvi").execute(label=2)

    assert launched(fake) == {"label": 2}


def test_server_without_forms_is_launched_by_its_description(client, fake):
    fake.add("GET", "processes/ndvi/form", 404, {"detail": "no such address"})

    client.process("ndvi").execute(label="a")

    assert launched(fake) == {"label": "a"}


@pytest.mark.parametrize(
    ("described", "value", "text"),
    [
        (field("number"), None, "This input is needed."),
        (field("number", default=1), None, None),
        (field("number", required=False), None, None),
        (field("number", maximum=100, unit="%"), 120, "At most 100 %."),
        (field("number", maximum=100), 100, None),
        (field("number", minimum=1), 0.5, "At least 1."),
        (field("number", exclusive_minimum=0), 0, "More than 0."),
        (field("integer"), 1.5, "A whole number."),
        (field("integer"), True, "A whole number."),
        (field("integer"), 2.0, None),
        (field("boolean"), 0, "Yes or no."),
        (field("choice", options=["a", "b"]), "c", "One of a, b."),
        (field("date"), "2024-13-01", "Not a date: 2024-13-01."),
        (field("date"), "2024-02-29", None),
        (field("datetime"), "2024-02-29", "Not a date and time: 2024-02-29."),
        (field("datetime"), "2024-02-29T12:00:00Z", None),
        (field("interval"), ["2024-07-01", "2024-06-15"], "To is before From (1 July 2024)."),
        (field("interval"), "2024-07-01/2024-07-31", None),
        (field("interval"), ["2024-07-01", None], None),
        (field("bbox"), [-181, 0, 1, 1], "West is not between −180 and 180."),
        (field("bbox"), [0, 0, 1], "West, south, east and north."),
        (field("bbox"), [0, 2, 1, 1], "North is south of South."),
        # A box over the antimeridian has its east behind its west.
        (field("bbox"), [170, -20, -170, -10], None),
        (field("bbox"), {"bbox": [600000, 0, 700000, 10], "crs": "EPSG:32630"}, None),
        (field("array", max_items=2), [1, 2, 3], "At most 2 entries; there are 3."),
        (field("array", min_items=1), [], "At least 1 entries; there are 0."),
        (field("array", item={"kind": "integer"}), [1, "a"], "Entry 2: A whole number."),
        (
            field("record", fields=[{"name": "a", "label": "A", "kind": "text", "required": True}]),
            {},
            "A: This input is needed.",
        ),
        (field("union", choices=[{"kind": "integer"}, {"kind": "boolean"}]), False, None),
        (
            field("union", choices=[{"kind": "integer"}, {"kind": "boolean"}]),
            "a",
            "Whole number or yes or no.",
        ),
        (field("text", max_length=2), "abc", "At most 2 characters; there are 3."),
        (field("text", pattern="^[A-Z]+$"), "a", "Not of the form ^[A-Z]+$"),
        (field("text", pattern="("), "a", None),
        (field("text"), "", None),
    ],
)
def test_value_is_checked_with_the_words_of_the_form(described, value, text):
    found = check(described, value)

    assert (found.text if found else None) == text


def test_all_fields_are_checked_at_once():
    found = check_all([field("number", "a"), field("number", "b"), field("text", "c")], {"b": "x"})

    assert sorted(found) == ["a", "b", "c"]


VALUES = {
    "label": [
        "a b",
        "it's",
        '"q"',
        "$HOME",
        "$$x",
        "",
        "a;",
        "{x}",
        "[1]",
        "ä\u2028b",
        "l1\nl2",
        "-x",
    ],
    "threshold": [0, 0.25, -1e-9, 1e300],
    "names": [[], ["a b", "c;'\"$"], ["{", "]"]],
    "flag": [True, False],
    "any": ["true", "1", "x", 1, None, {"a": [1, {"b": "c d"}]}, [{"k": "v;"}]],
    "odd name": ["x"],
}
SCHEMAS = {
    "label": {"type": "string"},
    "threshold": {"type": "number"},
    "names": {"type": "array", "items": {"type": "string"}},
    "flag": {"type": "boolean"},
    "any": {},
    "odd name": {"type": "string"},
}
DESCRIBED = {name: {"schema": schema} for name, schema in SCHEMAS.items()}
KINDS = {"label": "text", "threshold": "number", "names": "array", "flag": "boolean", "any": "json"}


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, values in VALUES.items() for v in values if v is not None]
)
def test_code_gives_the_same_inputs_again(name, value):
    fields = [field(KINDS.get(n, "text"), n) for n in SCHEMAS]

    assert ran_python(as_python("p", fields, {name: value})) == {name: value}
    assert ran_magic(as_magic("p", fields, {name: value})) == {name: value}


def ran_python(code):
    found = {}

    class Client:
        def process(self, _id):
            return self

        def execute(self, **inputs):
            found.update(inputs)

    exec(code.replace("from eodh_jupyter import Client", ""), {"Client": Client})
    return found


def ran_magic(code):
    from eodh_jupyter.reference import pairs_of

    *before, line = code.split("\n")
    scope = {}
    exec("\n".join(before), scope)
    words, _ = split(line.removeprefix("%workflow "))
    texts = [word for word in words[2:] if word != "-i"]
    return to_wire(from_pairs(pairs_of(texts, scope), DESCRIBED), DESCRIBED)


def test_secret_is_in_no_code_and_no_error():
    fields = [field("secret", "key", label="Key", max_length=3)]

    python, magic = (make("p", fields, {"key": "hunter2"}) for make in (as_python, as_magic))

    assert "key=getpass('Key: ')," in python
    assert magic.splitlines() == [
        "from getpass import getpass",
        "input_key = getpass('Key: ')",
        "%workflow launch p key=$input_key",
    ]
    assert "hunter2" not in python + magic + str(check(fields[0], "hunter2"))


def test_code_has_dates_as_objects_files_as_paths_and_leaves_defaults_out():
    fields = [
        field("file", "scene"),
        field("date", "day"),
        field("datetime", "moment"),
        field("number", "threshold", default=0.2),
    ]
    inputs = {
        "threshold": 0.2,
        "moment": "2024-07-01T12:00:00+00:00",
        "day": "2024-07-01",
        "scene": {"class": "File", "location": "file:///a%20b.tif"},
    }

    code = as_python("ndvi", fields, inputs)

    assert code.splitlines() == [
        "from datetime import date, datetime, timezone",
        "",
        "from eodh_jupyter import Client",
        "",
        "job = Client().process('ndvi').execute(",
        "    scene='/a b.tif',",
        "    day=date(2024, 7, 1),",
        "    moment=datetime(2024, 7, 1, 12, 0, tzinfo=timezone.utc),",
        ")",
    ]
    moment = datetime(2024, 7, 1, 12, tzinfo=UTC)
    assert ran_python(code) == {"scene": "/a b.tif", "day": date(2024, 7, 1), "moment": moment}
