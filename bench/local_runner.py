"""One step on this computer: from execute to the first process, to its event, to its log."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .measure import Measure, repeat
from .runner import TOOL, accepted, deploy, ended, isolation, runner, step_started

LINES = 60


def measures() -> Iterator[Measure]:
    yield Measure("runner cold start to a warm engine", 4.0, repeat(5, cold_start))
    peer = statistics.median(repeat(5, cwltool_run))
    with runner() as client:
        process = deploy(client, TOOL)
        process.launch().wait()
        held = isolation(client)
        yield Measure(
            "execute to first process started",
            0.08,
            repeat(10, lambda: execute_to_start(process)),
            isolation=held,
            peer="cwltool command line, whole run",
            peer_value=peer,
        )
        yield Measure(
            "step finished to its event at a client",
            0.25,
            repeat(50, lambda: end_to_event(process)),
            isolation=held,
        )
        yield Measure(
            "one execution without its step",
            1.0,
            repeat(10, lambda: fixed_cost(process)),
            isolation=held,
            peer="EODH's own launcher, published",
            peer_value=55.2,
        )
        yield Measure(
            "log line written to its follower", 0.3, line_to_follower(client), isolation=held
        )


def cold_start() -> float:
    """Give the seconds from nothing to a runner whose engine is warm."""
    began = time.monotonic()
    with runner() as client:
        while client.health()["status"] != "ok":
            time.sleep(0.02)
        return time.monotonic() - began


def cwltool_run() -> float:
    """Give the seconds of cwltool's own command line on the same document."""
    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as folder:
        document = Path(folder) / "quick.cwl"
        document.write_text(json.dumps(TOOL))
        argv = [str(Path(sys.executable).parent / "cwltool"), "--quiet", str(document)]
        began = time.monotonic()
        subprocess.run(argv, cwd=folder, capture_output=True, check=True)
        return time.monotonic() - began


def execute_to_start(process: Any) -> float:
    """Give the seconds from the answer to an execution to the start of its first process."""
    job = process.launch()
    job.wait()
    return (step_started(job) - accepted(job)).total_seconds()


def end_to_event(process: Any) -> float:
    """Give the seconds from the end of a step, as recorded, to its event at the client."""
    for event in process.launch().events():
        if event["kind"] == "step" and event["data"]["state"] == "done":
            finished = datetime.fromisoformat(event["data"]["finished"])
            arrived = datetime.now(UTC)
    return (arrived - finished).total_seconds()


def fixed_cost(process: Any) -> float:
    """Give the seconds from accepted to successful that no step ran."""
    job = process.launch()
    whole = (ended(job) - accepted(job)).total_seconds()
    step = next(
        e["data"] for e in job.events() if e["kind"] == "step" and e["data"]["state"] == "done"
    )
    times = [datetime.fromisoformat(step[name]) for name in ("started", "finished")]
    return whole - (times[1] - times[0]).total_seconds()


def line_to_follower(client: Any) -> list[float]:
    """Give the seconds from each line that a step writes to its arrival at a follower."""
    write = f"for n in $(seq {LINES}); do date +%s.%N >&2; sleep 0.13; done"
    job = deploy(client, {**TOOL, "id": "writer", "baseCommand": ["sh", "-c", write]}).launch()
    step_started(job)
    delays = [time.time() - float(line) for line in job.follow_log(job.steps()[0]["path"])]
    if len(delays) != LINES:
        raise RuntimeError(f"{len(delays)} of {LINES} lines arrived")
    return delays
