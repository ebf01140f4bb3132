from html import escape

import pytest

from eodh_jupyter.display.card import Card
from eodh_jupyter.display.table import Listing

from .conftest import FAILURE, JOB, MASK

HOSTILE = "<script>alert(1)</script>\x1b[31m\n"


def make_card(status="running", **more):
    found = {"jobID": JOB, "processID": "ndvi", "status": status, "progress": 46, **more}
    return Card(found)


def test_card_escapes_everything_and_holds_no_address():
    card = make_card(
        "failed", processID=HOSTILE, message=HOSTILE, failure={"message": HOSTILE, "remedy": "'\""}
    )
    card.steps = {"a": {"path": HOSTILE, "state": HOSTILE, "attempt": 2, "wall_s": 64}}
    card.results, card.log_tail = {HOSTILE: {**MASK, "title": HOSTILE}}, [HOSTILE]

    html, text = card.bundle()["text/html"], card.bundle()["text/plain"]

    assert "<script" not in html
    assert "href" not in html
    assert "http" not in html
    assert "\x1b" not in html + text
    assert "1 min 4 s" in html


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("done", "[x]"),
        ("running", "[>]"),
        ("failed", "[!]"),
        ("dismissed", "[-]"),
        ("waiting", "[ ]"),
        ("reused", "[=]"),
    ],
)
def test_step_has_its_mark_and_its_word(state, mark):
    card = make_card()
    card.steps = {"crop": {"path": "crop", "state": state}}

    assert f"  {mark} crop {state}" in card.bundle()["text/plain"].splitlines()
    assert escape(mark) in card.bundle()["text/html"]


def test_failure_shows_its_log_line_and_remedy():
    text = make_card("failed", failure=FAILURE).bundle()["text/plain"].splitlines()

    assert text == [
        "[!] ndvi 3f8212b5: Failed",
        "  What happened: crop ended with code 3.",
        "  Its log says: Error: <boom>",
        "  To fix it: See the line above.",
    ]


def test_progress_is_never_100_before_the_end():
    assert "aria-valuenow='99'" in make_card(progress=100).bundle()["text/html"]
    assert "aria-valuenow='100'" in make_card("successful").bundle()["text/html"]


def test_failed_steps_are_shown_among_many():
    card = make_card("failed")
    card.steps = {f"s/{i}": {"path": f"s/{i}", "state": "done"} for i in range(80)}
    card.steps["s/79"]["state"] = "failed"

    text = card.bundle()["text/plain"]

    assert "[!] s/79 failed" in text
    assert "and 30 more" in text


def test_listing_is_a_list_that_shows_a_table():
    found = Listing(["<a>", "b"], ("Name",), lambda item: (item,))

    assert found == ["<a>", "b"]
    assert "&lt;a&gt;" in found._repr_html_()
    assert found.to_text() == "<a>\nb"
