"""What a step waits for: its own inputs alone, and never for a free thread."""

import statistics
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .measure import Measure, repeat
from .runner import accepted, deploy, ended, isolation, runner

WIDE, STEP_S = 24, 5
#: Both figures are published for the same documents on the same kind of computer.
CALRISSIAN_SHORT_S, CALRISSIAN_WIDE_S = 22.5, 24.8


def sleeper(seconds: int) -> dict[str, Any]:
    """Give a tool that sleeps, and has a number for its output."""
    return {
        "class": "CommandLineTool",
        "baseCommand": ["sh", "-c"],
        "arguments": [f"sleep {seconds}"],
        "requirements": {
            "ResourceRequirement": {"coresMin": 1, "coresMax": 1, "ramMin": 64, "ramMax": 64}
        },
        "inputs": {"x": {"type": "int", "default": 1}},
        "outputs": {"o": {"type": "int", "outputBinding": {"outputEval": "$(inputs.x)"}}},
    }


#: Three short steps in a row, beside a long one that they have nothing to do with.
SHORT_BESIDE_LONG = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "short-beside-long",
    "inputs": {},
    "steps": {
        "a1": {"run": sleeper(1), "in": {}, "out": ["o"]},
        "a2": {"run": sleeper(1), "in": {"x": "a1/o"}, "out": ["o"]},
        "a3": {"run": sleeper(1), "in": {"x": "a2/o"}, "out": ["o"]},
        "b1": {"run": sleeper(20), "in": {}, "out": ["o"]},
    },
    "outputs": {
        "a": {"type": "int", "outputSource": "a3/o"},
        "b": {"type": "int", "outputSource": "b1/o"},
    },
}
SCATTER = {
    "cwlVersion": "v1.2",
    "class": "Workflow",
    "id": "wide",
    "requirements": {"ScatterFeatureRequirement": {}},
    "inputs": {"xs": "int[]"},
    "steps": {"s": {"run": sleeper(STEP_S), "scatter": "x", "in": {"x": "xs"}, "out": ["o"]}},
    "outputs": {"o": {"type": "int[]", "outputSource": "s/o"}},
}


def measures() -> Iterator[Measure]:
    # The steps sleep: there is room for all of them, as in a cluster.
    with runner(EODH_CORES=str(WIDE)) as client:
        yield from rows(client, "local")


def rows(client: Any, where: str) -> Iterator[Measure]:
    """Measure both documents with any runner."""
    held = isolation(client)
    short = deploy(client, SHORT_BESIDE_LONG)
    yield Measure(
        f"three steps of 1 s beside one of 20 s, {where}",
        4.0,
        repeat(5, lambda: branch(short)),
        isolation=held,
        peer="Calrissian, published",
        peer_value=CALRISSIAN_SHORT_S,
    )
    wide = deploy(client, SCATTER)
    one = statistics.median(repeat(5, lambda: scatter(wide, 1)))
    yield Measure(
        f"{WIDE} steps of {STEP_S} s at once, against one, {where}",
        1.4,
        [seconds / one for seconds in repeat(5, lambda: scatter(wide, WIDE))],
        unit="x",
        isolation=held,
        peer="Calrissian, published",
        peer_value=CALRISSIAN_WIDE_S / STEP_S,
    )


def branch(process: Any) -> float:
    """Give the seconds from accepted to the end of the short branch; the rest is dismissed."""
    job = process.launch()
    began = accepted(job)
    for event in job.events():
        data = event["data"]
        if event["kind"] == "step" and (data["path"], data["state"]) == ("a3", "done"):
            break
    finished = datetime.fromisoformat(data["finished"])
    job.dismiss()
    return (finished - began).total_seconds()


def scatter(process: Any, width: int) -> float:
    """Give the seconds from accepted to successful of so many steps at once."""
    job = process.launch(xs=list(range(width)))
    return (ended(job) - accepted(job)).total_seconds()
