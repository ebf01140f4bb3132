import json
from html import escape

import pytest

from eodh_jupyter.display.card import Card
from eodh_jupyter.display.saved import MIME_TYPE
from eodh_jupyter.display.table import Listing

from .conftest import FAILURE, JOB, MASK

HOSTILE = "<script>alert(1)</script>\x1b[31m\n\u202e"
GRAPH = {
    "nodes": [
        {"id": name, "label": name, "parent": None, "is_scatter": name == "crop", "kind": "step"}
        for name in ("stage-in", "crop", "otsu")
    ],
    "edges": [["stage-in", "crop"], ["crop", "otsu"]],
}


def make_card(status="running", **more):
    found = {"jobID": JOB, "processID": "ndvi", "status": status, "progress": 46, **more}
    return Card(found)


def text_of(card):
    return card.bundle()["text/plain"].splitlines()


def test_card_escapes_everything_and_holds_no_address():
    failure = {"class": "x", "message": HOSTILE, "remedy": "'\"", "log_line": HOSTILE}
    card = make_card("failed", processID=HOSTILE, message=HOSTILE, failure=failure)
    card.steps = {"a": {"path": HOSTILE, "state": HOSTILE, "attempt": 2, "wall_s": 64}}
    card.results, card.log_tail = {HOSTILE: {**MASK, "title": HOSTILE}}, [HOSTILE]

    bundle = card.bundle()
    html, text = bundle["text/html"], bundle["text/plain"]

    assert "<script" not in html
    assert "href" not in html + json.dumps(bundle[MIME_TYPE])
    assert "http" not in html + json.dumps(bundle[MIME_TYPE])
    assert not {"\x1b", "\u202e"} & set(html + text)
    assert "1 min 4 s" in html


@pytest.mark.parametrize(
    ("state", "mark", "sign"),
    [
        ("done", "[x]", "✓"),
        ("running", "[>]", "▸"),
        ("failed", "[!]", "✗"),
        ("dismissed", "[-]", "⊘"),
        ("waiting", "[ ]", "○"),
        ("reused", "[=]", "↻"),
    ],
)
def test_step_has_its_mark_and_its_word(state, mark, sign):
    card = make_card()
    card.steps = {"crop": {"path": "crop", "state": state}}

    assert f"  {mark} crop  {state}" in text_of(card)
    assert escape(f"{sign} {state}") in card.bundle()["text/html"]


def test_parts_of_a_scatter_share_a_row_and_steps_to_come_have_theirs():
    card = make_card(current="crop 1 of 3")
    card.graph = GRAPH
    card.steps = {
        "stage-in": {"path": "stage-in", "state": "reused"},
        "crop/0": {"path": "crop/0", "state": "done", "wall_s": 3.0},
        "crop/1": {"path": "crop/1", "state": "running"},
        "crop/2": {"path": "crop/2", "state": "waiting"},
    }

    assert text_of(card) == [
        "ndvi  job 3f8212b5  running  46 %  crop 1 of 3",
        "  [=] stage-in  reused",
        "  [>] crop      running 1/3",
        "  [ ] otsu      waiting",
    ]


def test_failure_shows_its_log_line_and_remedy():
    card = make_card("failed", failure=FAILURE)
    card.graph = GRAPH
    card.steps = {"crop": {"path": "crop", "state": "failed", "failure": {"class": "memory"}}}

    assert text_of(card) == [
        "ndvi  job 3f8212b5  failed",
        "  [ ] stage-in  not started",
        "  [!] crop      failed: memory",
        "  [ ] otsu      not started",
        "crop ended with code 3.",
        "  Error: <boom>",
        "To fix it: See the line above.",
    ]


def test_success_shows_results_in_place_of_steps():
    times = {"started": "2026-11-25T10:41:07Z", "finished": "2026-11-25T10:42:11Z"}
    card = make_card("successful", **times, steps={"total": 3, "done": 3, "reused": 1})
    card.steps = {"crop": {"path": "crop", "state": "done"}}
    card.results = {"mask": {"href": "x", "title": "ndvi.tif", "length": 1_200_000}, "area": 1.5}

    assert text_of(card) == [
        "ndvi  job 3f8212b5  successful  1 min 4 s  1 reused, 2 run",
        "  mask  ndvi.tif, 1.2 MB",
        "  area  1.5",
    ]
    html = card.bundle()["text/html"]
    assert "ended 25 Nov 2026, 10:42:11 UTC" in html
    assert "may have ended since" not in html


def test_progress_is_never_100_before_the_end():
    html = make_card(progress=100).bundle()["text/html"]

    assert "value='99'" in html
    assert "The job may have ended since." in html


def test_failed_steps_are_shown_among_many():
    card = make_card("failed")
    card.steps = {f"s{i}": {"path": f"s{i}", "state": "done"} for i in range(80)}
    card.steps["s79"]["state"] = "failed"

    text = text_of(card)

    assert "  [!] s79  failed" in text
    assert "  and 30 more" in text


def test_snapshot_holds_what_the_card_first_shows_and_no_more():
    card = make_card(
        "successful",
        started="2026-11-25T10:41:07Z",
        inputs={"secret": "value"},
        links=[{"href": "http://host/"}],
    )
    card.graph = GRAPH
    card.steps = {"crop/0": {"path": "crop/0", "state": "done", "command": ["x"], "wall_s": 1.5}}
    card.results = {
        "masks": [{**MASK, "title": f"{i}.tif", "length": i} for i in range(5)],
        "stac": {"href": "http://host/", "title": "stac", "rel": "directory"},
        "area": 1.5,
    }

    found = card.bundle()[MIME_TYPE]

    assert found.pop("saved").endswith("+00:00")
    assert found == {
        "version": 1,
        "jobID": JOB,
        "processID": "ndvi",
        "status": {"status": "successful", "progress": 46, "started": "2026-11-25T10:41:07Z"},
        "steps": [{"path": "crop/0", "state": "done", "wall_s": 1.5}],
        "graph": GRAPH,
        "results": [
            {
                "name": f"masks/{i}",
                "kind": "file",
                "title": f"{i}.tif",
                "type": MASK["type"],
                "length": i,
            }
            for i in range(4)
        ],
        "result_count": 7,
    }


def test_snapshot_of_a_failure_names_no_place_outside_the_workspace():
    line = "GET https://me:secret@store/a/scene.tif?token=1 failed, see /home/me/run/log.txt"
    failure = {"class": "storage", "message": line, "remedy": "Free 1/2 GB.", "log_line": line}

    bundle = make_card("failed", failure=failure).bundle()

    kept = "GET …/scene.tif failed, see …/log.txt"
    assert bundle[MIME_TYPE]["status"]["failure"]["log_line"] == kept
    for shown in (bundle["text/html"], bundle["text/plain"]):
        assert kept in shown
        assert "secret" not in shown
        assert "Free 1/2 GB." in shown


def test_listing_is_a_list_that_shows_a_table():
    found = Listing(["<a>", "b"], ("Name",), lambda item: (item,))

    assert found == ["<a>", "b"]
    assert "&lt;a&gt;" in found._repr_html_()
    assert found.to_text() == "<a>\nb"
