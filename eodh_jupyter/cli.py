"""`eodh`: the verbs of the client from a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .client import Client
from .diagnostic import refuse
from .display.table import text_table
from .display.words import clean_log
from .errors import Detached, EodhError, JobFailed, Problem, RunnerUnreachable
from .inputs import from_pairs, read_job_order
from .job import Job
from .process import Process, type_name
from .result import Result, safe_name
from .terminal import Copying, Progress, pour, show, tell
from .usage import make_parser


def main(argv: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    arguments = make_parser().parse_args(argv)
    try:
        return _VERBS[arguments.verb](Client(), arguments)
    except JobFailed as error:
        code, text = 1, str(error)
    except RunnerUnreachable as error:
        code, text = 3, str(error)
    except Detached as left:
        short = left.job.id[:8]
        code, text = 130, f"left job {short}; it goes on, see: eodh watch {short}"
    except KeyboardInterrupt:
        code, text = 130, "interrupted"
    except BrokenPipeError:
        # The reader has seen enough; nothing more may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (EodhError, ValueError, TypeError, OSError) as error:
        code, text = 2, str(error)
    tell(f"eodh: {text}")
    return code


def _deploy(client: Client, a: argparse.Namespace) -> int:
    try:
        process = client.deploy(a.package, workflow=a.workflow, replace=a.replace)
    except Problem as problem:
        if problem.process_id is not None:
            raise EodhError(f"{problem.detail}: add --replace") from problem
        refuse(a.package, problem)
    _tell_notes(process.warnings)
    return show(process._description, f"deployed {process.id}: {process.title}", is_json=a.json)


def _check(client: Client, a: argparse.Namespace) -> int:
    try:
        found = client.check(a.package, workflow=a.workflow)
    except Problem as problem:
        refuse(a.package, problem)
    _tell_notes(found["warnings"])
    counts = _count(found["fields"], "input"), _count(found["outputs"], "output")
    text = f"{a.package} would deploy {found['process']}: {', '.join(counts)}"
    return show(found, text, is_json=a.json)


def _tell_notes(warnings: Any) -> None:
    for warning in warnings:
        tell(f"note: {warning}")


def _count(found: Any, noun: str) -> str:
    return f"{len(found)} {noun}{'s' if len(found) != 1 else ''}"


def _list(client: Client, a: argparse.Namespace) -> int:
    found = client.processes(search=a.search)
    return show([p._description for p in found], _table(found) or "no processes", is_json=a.json)


def _describe(client: Client, a: argparse.Namespace) -> int:
    process = client.process(a.process)
    lines = [f"{process.id} {process.version}: {process.title}", process.description]
    for noun, described in (("inputs", process.inputs), ("outputs", process.outputs)):
        rows = [(f"  {n}", type_name(d["schema"]), _about(d)) for n, d in described.items()]
        lines += [f"{noun}:", text_table(rows)] if rows else []
    return show(process._description, "\n".join(filter(None, lines)), is_json=a.json)


def _about(described: dict[str, Any]) -> str:
    default = described["schema"].get("default")
    need = "" if default is None else f"default {json.dumps(default)}"
    if default is None and described.get("minOccurs", 1) == 0:
        need = "optional"
    return "; ".join(filter(None, [need, str(described.get("description") or "")]))


def _package(client: Client, a: argparse.Namespace) -> int:
    text = client.process(a.process).package()
    if a.json:
        return show({"process": a.process, "package": text}, "", is_json=True)
    pour(text.encode())
    return 0


def _graph(client: Client, a: argparse.Namespace) -> int:
    try:
        graph = client.process(a.name).graph()
    except Problem as problem:
        if problem.status != 404:
            raise
        graph = client.job(a.name).graph()
    value = {"title": graph.title, "nodes": graph.nodes, "edges": graph.edges}
    states = {node: dict(found) for node, found in graph.states.items()}
    text = graph.to_mermaid() if a.mermaid else graph.to_text()
    return show({**value, "states": states} if states else value, text, is_json=a.json)


def _undeploy(client: Client, a: argparse.Namespace) -> int:
    client.undeploy(a.process)
    return show({"undeployed": a.process}, f"undeployed {a.process}", is_json=a.json)


def _launch(client: Client, a: argparse.Namespace) -> int:
    process = client.process(a.process)
    return _follow(client.execute(process, _inputs(a, process)), a)


def _rerun(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    return _follow(job.rerun(**_inputs(a, client.process(job.process_id))), a)


def _inputs(a: argparse.Namespace, process: Process) -> dict[str, Any]:
    """Give the inputs of a file and of the line, which wins."""
    inputs = read_job_order(a.inputs) if a.inputs else {}
    pairs = [pair.partition("=") for pair in a.input]
    for name, found, text in pairs:
        if not (name and found):
            raise ValueError(f"-i {name}{text}: write NAME=VALUE")
    return inputs | from_pairs([(name, text) for name, _, text in pairs], process.inputs)


def _follow(job: Job, a: argparse.Namespace) -> int:
    """Show a launched job to its end, where that is wanted."""
    if a.no_wait:
        return show(job._status, f"job {job.id} {job.status}", is_json=a.json)
    if not a.json:
        tell(f"launched job {job.id}")
    return _to_its_end(job, a)


def _watch(client: Client, a: argparse.Namespace) -> int:
    return _to_its_end(client.job(a.job), a)


def _to_its_end(job: Job, a: argparse.Namespace) -> int:
    job.watch(Progress(is_silent=a.json))
    return show(job._status, f"job {job.id} {job.status}", is_json=a.json)


def _jobs(client: Client, a: argparse.Namespace) -> int:
    found = client.jobs(a.limit, status=a.status, process=a.process, search=a.search)
    return show([j._status for j in found], _table(found) or "no jobs", is_json=a.json)


def _table(found: Any) -> str:
    return str(found.to_text())


def _status(client: Client, a: argparse.Namespace) -> int:
    job: Job = client.job(a.job)
    card = job.card()
    value = {**job._status, "steps": list(card.steps.values())}
    return show(value, card.bundle()["text/plain"], is_json=a.json)


def _dismiss(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    job.dismiss()
    return show({"dismissed": job.id}, f"dismissed {job.id[:8]}", is_json=a.json)


def _logs(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    if a.follow:
        # A terminal would obey what a tool writes; a file or pipe gets it as it is.
        made = clean_log if sys.stdout.isatty() else str
        for line in job.follow_log(a.step):
            print(json.dumps({"line": line}) if a.json else made(line), flush=True)
        return 0
    text = job.logs(a.step)
    if a.json:
        return show({"log": text}, "", is_json=True)
    pour(f"{text.rstrip(chr(10))}\n".encode())
    return 0


def _results(client: Client, a: argparse.Namespace) -> int:
    found = client.job(a.job).results
    if a.download is not None:
        _copy(found, a.download)
    return show({name: r.value for name, r in found.items()}, repr(found), is_json=a.json)


def _open(client: Client, a: argparse.Namespace) -> int:
    found = _result(client.job(a.job), a.result)
    if not found.is_file:
        return show(found.value, repr(found), is_json=a.json)
    preview = found.preview()
    return show({"path": preview.path, **preview.facts}, preview.to_text(), is_json=a.json)


def _download(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    if a.to == "-":
        if a.result is None:
            raise ValueError("--to - prints one file; name the result")
        pour(_result(job, a.result).read())
        return 0
    if a.result is None:
        copies = _copy(job.results, Path(a.to))
    else:
        with Copying() as copying:
            copies = {a.result: str(_result(job, a.result).download(a.to, progress=copying))}
    text = "\n".join(f"{name}: {path}" for name, path in copies.items()) or "no results"
    return show(copies, text, is_json=a.json)


def _result(job: Job, name: str) -> Result:
    try:
        return job.open(name)
    except (KeyError, IndexError) as error:
        raise EodhError(str(error.args[0])) from error


def _copy(results: Any, folder: Path) -> dict[str, str]:
    """Copy each output into a folder of its name, and say where it is."""
    copies: dict[str, str] = {}
    result: Result
    for name, result in results.items():
        with Copying() as copying:
            path = result.download(folder / safe_name(name), progress=copying)
        copies[name] = str(path)
        tell(f"copied {result!r}")
    return copies


_VERBS: dict[str, Callable[[Client, argparse.Namespace], int]] = {
    "deploy": _deploy,
    "check": _check,
    "list": _list,
    "describe": _describe,
    "package": _package,
    "graph": _graph,
    "undeploy": _undeploy,
    "launch": _launch,
    "rerun": _rerun,
    "watch": _watch,
    "jobs": _jobs,
    "status": _status,
    "dismiss": _dismiss,
    "logs": _logs,
    "results": _results,
    "open": _open,
    "download": _download,
}

if __name__ == "__main__":
    sys.exit(main())
