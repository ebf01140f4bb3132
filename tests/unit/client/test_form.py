import json
import threading

import ipywidgets as w
import pytest

from eodh_jupyter.field import Field
from eodh_jupyter.form.box import box_of
from eodh_jupyter.form.group import make_control

from .conftest import FIELDS, JOB

TEXT = {"kind": "text", "label": "Text", "required": True}
PARTS = [
    {"name": "a", "label": "A", "kind": "integer", "required": True},
    {"name": "b", "label": "B", "kind": "text", "required": False},
]
BOX = [-2.9, 53.1, -1.7, 53.8]
#: Each kind of field, with a value that it takes.
KINDS = [
    ({"kind": "text"}, "a <b>"),
    ({"kind": "long_text"}, "a\nb"),
    ({"kind": "secret"}, "earthdata-login"),
    ({"kind": "integer"}, 0),
    ({"kind": "number"}, 0.25),
    ({"kind": "boolean"}, False),
    ({"kind": "choice", "options": ["NDVI", "EVI"]}, "EVI"),
    ({"kind": "choice", "options": list("abcdefg")}, "g"),
    ({"kind": "date"}, "2024-07-01"),
    ({"kind": "datetime"}, "2024-07-01T12:00:00Z"),
    ({"kind": "interval", "item": {"kind": "date"}}, ["2024-07-01", "2024-07-31"]),
    ({"kind": "bbox"}, BOX),
    ({"kind": "geometry"}, {"type": "Point", "coordinates": [1, 2]}),
    ({"kind": "file"}, "s3://bucket/a.tif"),
    ({"kind": "directory"}, "s3://bucket/a"),
    ({"kind": "array", "item": TEXT}, ["a", "b"]),
    ({"kind": "array", "item": TEXT}, []),
    (
        {"kind": "array", "item": {"kind": "record", "fields": PARTS}},
        [{"a": 1}, {"a": 2, "b": "x"}],
    ),
    ({"kind": "record", "fields": PARTS}, {"a": 1, "b": "x"}),
    ({"kind": "union", "choices": [{"kind": "integer"}, TEXT]}, "a"),
    ({"kind": "union", "choices": [{"kind": "integer"}, TEXT]}, 3),
    ({"kind": "json"}, {"a": [1, None]}),
    ({"kind": "something new"}, {"a": 1}),
]


def make_form(client, fake, *fields, **values):
    named = [{"name": f"x{i}", "required": False, **f} for i, f in enumerate(fields)]
    fake.form = named
    return client.process("ndvi").form(values)


def tick(form, description):
    """Press the button of a form, whose page answers at once."""
    find(form, w.Button, description).click()
    answer(form)


def answer(form):
    """Do what the page does when all that it held back is sent."""
    form._settle.answered.value = form._settle.asked.value


def find(widget, kind, description):
    found = [x for x in walk(widget) if isinstance(x, kind) and x.description == description]
    assert found, f"no {kind.__name__} '{description}'"
    return found[0]


def walk(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from walk(child)


def html(form):
    return "\n".join(x.value for x in walk(form) if isinstance(x, w.HTML))


def sent(fake):
    return json.loads(fake.bodies("POST", "processes/ndvi/execution")[-1])["inputs"]


@pytest.mark.parametrize(("described", "value"), KINDS)
def test_control_of_each_kind_keeps_what_it_is_given_and_is_empty_at_first(described, value):
    field = Field.from_json({"name": "x", "label": "X", **described})
    control = make_control(field, lambda: None)

    assert control.value is None
    control.value = value
    assert (control.value, type(control.value)) == (value, type(value))
    control.value = None
    assert control.value is None


@pytest.mark.parametrize(("described", "value"), KINDS)
def test_form_launches_with_what_is_entered_in_each_kind(client, fake, described, value):
    form = make_form(client, fake, described, x0=value)

    assert form.launch() is not None, html(form)

    assert sent(fake) == {"x0": value}


def test_click_waits_for_values_that_the_page_still_holds_back(client, fake):
    form = make_form(client, fake, {"kind": "text", "label": "Name"})
    find(form, w.Text, "Name").value = "first"

    find(form, w.Button, "Launch").click()
    assert not fake.jobs_by_key
    find(form, w.Text, "Name").value = "last"
    answer(form)

    assert sent(fake) == {"x0": "last"}
    assert len(fake.jobs_by_key) == 1


def test_form_that_is_left_alone_sends_nothing_of_its_defaults(client, fake):
    form = client.process("ndvi").form()

    job = form.launch()

    assert job.id == form.job.id == JOB
    assert sent(fake) == {}
    assert "5 inputs, 1 with default" in html(form)


def test_wrong_values_are_said_at_their_field_and_nothing_is_launched(client, fake):
    form = make_form(
        client,
        fake,
        {"kind": "number", "label": "Cloud limit", "maximum": 100, "unit": "%"},
        {"kind": "interval", "label": "When"},
        {"kind": "text", "label": "Name", "required": True},
    )
    find(form, w.Text, "Cloud limit").value = "120"
    find(form, w.Text, "From").value, find(form, w.Text, "To").value = "2024-07-01", "2024-06-15"

    tick(form, "Launch")

    shown = html(form)
    for text in ("At most 100 %.", "To is before From (1 July 2024).", "This input is needed."):
        assert text in shown
    assert "3 inputs need attention: Cloud limit, When, Name" in shown
    assert not fake.jobs_by_key


def test_what_the_runner_refuses_is_shown_at_its_field(client, fake):
    fake.add(
        "POST",
        "processes/ndvi/execution",
        400,
        {"detail": "no", "invalid": {"label": "is <taken>"}},
    )
    form = client.process("ndvi").form({"label": "a"})

    assert form.launch() is None

    assert "is &lt;taken&gt;" in html(form)
    assert "1 input needs attention: Label" in html(form)


def test_file_that_is_not_there_is_said_at_once_and_one_that_is_with_its_size(
    client, fake, tmp_path
):
    form = make_form(client, fake, {"kind": "file", "label": "Scene"})
    (tmp_path / "a.tif").write_bytes(b"1234")

    find(form, w.Text, "Scene").value = str(tmp_path / "none.tif")
    assert f"Nothing at {tmp_path}/none.tif." in html(form)
    find(form, w.Text, "Scene").value = str(tmp_path / "a.tif")
    assert "Nothing at" not in html(form)
    assert "Found, 4 B." in html(form)


@pytest.mark.parametrize(
    "pasted",
    [
        "-2.9, 53.1, -1.7, 53.8",
        "[-2.9 53.1 -1.7 53.8]",
        "\N{MINUS SIGN}2.9,53.1,\N{MINUS SIGN}1.7,53.8",
        "POLYGON ((-2.9 53.1, -1.7 53.1, -1.7 53.8, -2.9 53.8, -2.9 53.1))",
        '{"type": "Feature", "geometry": {"type": "LineString",'
        ' "coordinates": [[-2.9, 53.1, 7], [-1.7, 53.8, 9]]}}',
    ],
)
def test_box_is_taken_of_what_is_pasted_into_any_side(pasted):
    control = make_control(Field("x", "Area", "", "bbox", is_required=True), lambda: None)

    control.widget.children[3].value = pasted

    assert control.value == BOX
    assert box_of(pasted) == BOX


def test_list_gets_entries_by_add_moves_and_removes_them(client, fake):
    form = make_form(client, fake, {"kind": "array", "label": "Bands", "item": TEXT})

    tick(form, "Add")
    find(form, w.Text, "Text").value = "nir"
    tick(form, "Add")
    [x for x in walk(form) if isinstance(x, w.Text)][1].value = "red"
    next(x for x in walk(form) if getattr(x, "tooltip", "") == "Move entry 2 up").click()

    assert form.values == {"x0": ["red", "nir"]}
    next(x for x in walk(form) if getattr(x, "tooltip", "") == "Remove entry 1").click()
    assert form.values == {"x0": ["nir"]}


def test_entry_added_to_a_default_list_keeps_the_default(client, fake):
    form = make_form(client, fake, {"kind": "array", "item": TEXT, "default": ["nir", "red"]})

    assert form.values == {}
    tick(form, "Add")
    assert form.values == {"x0": ["nir", "red", None]}
    assert "Entry 3: This input is needed." in form.check().values()


def test_default_comes_back_by_its_button(client, fake):
    form = make_form(client, fake, {"kind": "number", "label": "T", "default": 0.2})
    field = find(form, w.Text, "T")
    assert (field.placeholder, field.value) == ("0.2", "")

    field.value = "0.5"
    assert form.values == {"x0": 0.5}
    tick(form, "Use default")

    assert form.values == {}


def test_form_of_a_job_is_filled_with_its_inputs_and_tells_what_changed(client, fake):
    fake.status["inputs"] = {
        "threshold": 0.3,
        "scene": {"class": "File", "location": "s3://b/k.tif"},
    }
    form = client.job(JOB).form()

    assert form.values == {"threshold": 0.3, "scene": "s3://b/k.tif"}
    assert "Again from job 3f8212b5 · 0 changes" in html(form)
    find(form, w.Text, "Threshold").value = "0.4"

    assert "Again from job 3f8212b5 · 1 change" in html(form)
    assert "Was 0.3." in html(form)
    form.launch()
    assert sent(fake) == {"threshold": 0.4, "scene": "s3://b/k.tif"}


def test_form_writes_the_code_of_what_is_entered(client, fake):
    form = client.process("ndvi").form({"label": "a b", "threshold": 0.5})

    tick(form, "Copy as Python")
    area = next(x for x in walk(form) if isinstance(x, w.Textarea))
    assert area.value.splitlines()[2:] == [
        "job = Client().process('ndvi').execute(",
        "    threshold=0.5,",
        "    label='a b',",
        ")",
    ]
    tick(form, "Copy as magic")
    assert area.value == "%workflow launch ndvi threshold=0.5 'label=a b'"


def test_form_shows_the_job_to_its_end(client, fake):
    form = client.process("ndvi").form()
    form.launch()
    output = next(x for x in walk(form) if isinstance(x, w.Output))

    for thread in threading.enumerate():
        if thread.name == "eodh-display":
            thread.join(10)

    assert "mask.tif, 6 B" in output.outputs[0]["data"]["text/plain"]


def test_secret_is_hidden_and_forgotten_when_it_was_sent(client, fake):
    form = make_form(
        client, fake, {"kind": "secret", "label": "Key", "required": True}, x0="hunter2"
    )

    assert form.launch() is not None

    assert sent(fake) == {"x0": "hunter2"}
    assert find(form, w.Password, "Key").value == ""
    assert "hunter2" not in html(form) + form.to_python()
    assert "is needed" not in html(form)


def test_hostile_words_of_a_process_stay_text(client, fake):
    hostile = "<script>alert(1)</script>"
    form = make_form(
        client,
        fake,
        {"kind": "text", "label": hostile, "help": hostile, "name": hostile},
        {"kind": "record", "label": hostile, "fields": PARTS},
    )

    assert "<script" not in html(form)
    assert all(
        not x.description_allow_html for x in walk(form) if isinstance(x, w.Text | w.Textarea)
    )
    assert repr(form) == "LaunchForm('ndvi', 2 inputs)"


def test_fields_of_the_example_form_are_all_drawn(client):
    form = client.process("ndvi").form()

    named = [getattr(x, "description", "") or getattr(x, "value", "") for x in walk(form)]
    assert [x for x in named if x in {f["label"] for f in FIELDS}] == [f["label"] for f in FIELDS]
