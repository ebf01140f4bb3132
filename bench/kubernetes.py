"""Thousands of pods that need no time: a real control plane, nodes faked by KWOK.

What is faked, and what is not: `tests/cluster/kwok`.  EODH_BENCH_PODS=10000 adds a run of
so many pods.
"""

import os
import time
from collections.abc import Iterator
from typing import Any

from tests.cluster.kwok.document import MANY
from tests.cluster.kwok.rig import KwokRig
from tests.cluster.place import CannotRun

from . import schedule
from .measure import CannotMeasure, Measure, repeat
from .runner import TOOL, accepted, cpu_s, deploy, ended, isolation, peak_mib, runner, runner_pid

PODS, RUNS = 1000, 5


def measures() -> Iterator[Measure]:
    try:
        with KwokRig() as rig:
            with runner(**rig.environment) as client:
                yield one(client)
                yield from many(client, rig)
            with runner(**rig.environment) as client:
                yield from schedule.rows(client, "KWOK")
    except CannotRun as error:
        raise CannotMeasure(str(error)) from None


def one(client: Any) -> Measure:
    """Measure one execution whose pod needs no time: the rest is what an execution costs."""
    process = deploy(client, TOOL)
    seconds(process)
    return Measure(
        "one execution whose pod needs no time, KWOK",
        1.0,
        repeat(10, lambda: seconds(process)),
        isolation=isolation(client),
        peer="EODH's own launcher, published",
        peer_value=55.2,
    )


def many(client: Any, rig: KwokRig) -> Iterator[Measure]:
    """Measure scatters of pods that need no time."""
    process, pid, held = deploy(client, MANY), runner_pid(), isolation(client)
    per_s, cpu_ms, calls = [], [], []
    seconds(process, xs=[0])
    for _ in range(RUNS):
        cpu, asked = cpu_s(pid), rig.calls()
        per_s.append(PODS / seconds(process, xs=list(range(PODS))))
        cpu_ms.append((cpu_s(pid) - cpu) / PODS * 1e3)
        while rig.pods():
            time.sleep(0.1)
        found = rig.calls() - asked
        calls.append(sum(found[verb, kind] for verb, kind in found if is_call(verb, kind)) / PODS)
    calrissian = {"isolation": held, "peer": "Calrissian, published"}
    name = f"{PODS:,} pods that need no time"
    yield Measure(name, 60.0, per_s, unit="pods/s", is_floor=True, peer_value=7.6, **calrissian)
    yield Measure(f"{name}: CPU of the runner", 3.0, cpu_ms, "ms/pod", peer_value=128, **calrissian)
    yield Measure(f"{name}: calls of the API", 2.0, calls, "/pod", peer_value=5, **calrissian)
    yield Measure(f"{name}: memory of the runner", 200.0, [peak_mib(pid)], "MiB", isolation=held)
    if more := int(os.environ.get("EODH_BENCH_PODS", "0")):
        base = 1 / sorted(per_s)[RUNS // 2]
        per_pod = seconds(process, xs=list(range(more))) / more
        name = f"{more:,} pods that need no time"
        yield Measure(f"{name}: time per pod, against {PODS:,}", 1.15, [per_pod / base], "x")
        yield Measure(f"{name}: memory of the runner", 200.0, [peak_mib(pid)], "MiB")


def is_call(verb: str, kind: str) -> bool:
    """Tell whether a call is made for a pod: the one watch and the secret of a job are not."""
    return kind == "pods" and verb != "watch"


def seconds(process: Any, **inputs: Any) -> float:
    """Give the seconds from accepted to successful."""
    job = process.launch(**inputs)
    took_s = (ended(job) - accepted(job)).total_seconds()
    if job.refresh().status != "successful":
        raise RuntimeError(f"the job is {job.status}")
    return took_s
