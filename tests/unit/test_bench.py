"""Rows of the scoreboard."""

import json

import pytest

from bench.measure import Measure, write


@pytest.mark.parametrize(
    ("samples", "is_floor", "value", "is_met"),
    [
        ([3.0, 1.0, 2.0], False, 2.0, True),
        ([3.0, 1.0, 2.1], False, 2.1, False),
        ([3.0, 1.0, 2.1], True, 2.1, True),
        ([3.0, 1.0, 1.9], True, 1.9, False),
        ([*[1.0] * 94, *[9.0] * 6], False, 9.0, False),
        ([*[9.0] * 94, *[1.0] * 6], True, 1.0, False),
    ],
)
def test_measure_of_few_is_the_median_and_of_many_the_worst_twentieth(
    samples, is_floor, value, is_met
):
    measure = Measure("x", 2.0, samples, is_floor=is_floor)

    assert (measure.value, measure.is_met) == (value, is_met)


def test_rows_that_are_written_again_replace_those_of_their_name_alone(tmp_path):
    path = tmp_path / "results.json"
    write([Measure("one", 1.0, [0.5]), Measure("two", 1.0, [2.0])], path)

    write([Measure("one", 1.0, [0.7], peer="other", peer_value=3.0)], path)

    rows = {row["name"]: row for row in json.loads(path.read_text())["measures"]}
    assert rows["one"] == {
        "name": "one",
        "value": 0.7,
        "unit": "s",
        "target": 1.0,
        "met": True,
        "samples": [0.7],
        "isolation": "none",
        "peer": "other",
        "peer_value": 3.0,
    }
    assert (rows["two"]["value"], rows["two"]["met"]) == (2.0, False)
