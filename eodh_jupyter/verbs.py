"""What the magics' verbs do; no IPython here but for display."""

from __future__ import annotations

import argparse
import re
import shlex
import time
from collections.abc import Callable
from typing import Any, NoReturn

from .client import Client
from .errors import EodhError, Problem
from .inputs import parse
from .job import Job
from .view import MARKS, job_html, job_text

REDRAW_S = 0.25
EXAMPLES = {
    "deploy": "%workflow deploy ndvi.cwl\n  %%workflow deploy --replace   (CWL in the cell)",
    "launch": (
        "%workflow launch ndvi -i scene=$path -i threshold=0.2 -o results\n"
        "  %workflow launch ndvi -i scene=$path --no-wait -o job"
    ),
    "logs": "%workflow logs 3f8212b5 crop/0",
    "results": "%workflow results 3f8212b5 -o results",
}
_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)")


class UsageError(EodhError):
    """The magic was written wrongly."""


class _Help(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help shows how")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Help


def run(
    line: str, cell: str | None, scope: dict[str, Any], *, is_notebook: bool
) -> tuple[Any, dict[str, Any]]:
    """Run one magic; gives its value and the names to set.

    Raises
    ------
    EodhError
        With a short text; the cell fails.
    """
    is_silent = line.rstrip().endswith(";")
    words = shlex.split(line.rstrip().rstrip(";"))
    if cell is not None and (not words or words[0] not in ("deploy", "launch")):
        words = ["deploy", "--replace", *words]
    try:
        arguments = _parser().parse_args(words or ["--help"])
    except _Help:
        return None, {}
    client = Client()
    value = _VERBS[arguments.verb](client, arguments, cell, scope, is_notebook)
    names = {arguments.output: value} if getattr(arguments, "output", None) else {}
    return (None if is_silent or names else value), names


def _parser() -> _Parser:
    parser = _Parser(prog="%workflow", description="Deploy, launch and watch CWL workflows.")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser)

    def verb(name: str, about: str) -> _Parser:
        made: _Parser = verbs.add_parser(
            name,
            help=about,
            description=about,
            epilog=f"Examples:\n  {EXAMPLES.get(name, f'%workflow {name}')}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.add_argument("-o", "--output", metavar="NAME", help="variable that takes the value")
        return made

    deploy = verb("deploy", "Deploy a CWL file or address, or the CWL in the cell.")
    deploy.add_argument("package", nargs="?")
    deploy.add_argument("--workflow", help="which Workflow of the document")
    deploy.add_argument("--replace", action="store_true", help="replace a deployed one")
    verb("list", "List the processes.")
    verb("describe", "Show the inputs of a process.").add_argument("process")
    verb("undeploy", "Take a process away.").add_argument("process")
    launch = verb("launch", "Launch a process and watch it.")
    launch.add_argument("process", nargs="?")
    launch.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE")
    launch.add_argument("--wait", dest="wait", action="store_true", default=True)
    launch.add_argument("--no-wait", dest="wait", action="store_false")
    verb("jobs", "List the newest jobs.").add_argument("--limit", type=int, default=10)
    for name, about in (
        ("status", "Show a job."),
        ("results", "Give the results of a job."),
        ("dismiss", "End a job, or remove a finished one."),
    ):
        verb(name, about).add_argument("job")
    logs = verb("logs", "Print the log of a step.")
    logs.add_argument("job")
    logs.add_argument("step", nargs="?")
    return parser


def _deploy(client: Client, a: Any, cell: str | None, scope: Any, _n: bool) -> Any:
    if cell is None and not a.package:
        raise UsageError("name a CWL file, or put the CWL into a %%workflow cell")
    if cell is None:
        return client.deploy(a.package, workflow=a.workflow, replace=a.replace)
    return _deploy_cell(client, cell, a.workflow)


def _deploy_cell(client: Client, cell: str, workflow: str | None = None) -> Any:
    try:
        return client.deploy(cell.encode(), workflow=workflow, replace=True)
    except Problem as problem:
        if not problem.diagnostics:
            raise
        raise EodhError(point_at(cell, problem.diagnostics)) from problem


def point_at(cell: str, diagnostics: list[dict[str, Any]]) -> str:
    """Give the diagnostics of a document with the cell's lines that they mean.

    The magic itself is line 1 of the cell, so the document's lines count from 2.
    """
    lines, shown = cell.splitlines(), ["the workflow cannot be deployed"]
    for found in diagnostics[:5]:
        number, column = found.get("line"), found.get("column") or 1
        if number is None:
            shown.append(found["message"])
            continue
        shown.append(f"line {number + 1}: {found['message']}")
        if number <= len(lines):
            shown += [f"    {lines[number - 1]}", "    " + " " * (column - 1) + "^"]
    return "\n".join(shown)


def _list(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    return client.processes()


def _describe(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    return client.process(a.process)


def _undeploy(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> None:
    client.undeploy(a.process)


def _launch(client: Client, a: Any, cell: str | None, scope: dict[str, Any], is_nb: bool) -> Any:
    process_id = a.process
    if cell is not None:
        process_id = _deploy_cell(client, cell).id
    if not process_id:
        raise UsageError("name the process to launch")
    described = client.process(process_id).inputs
    job = client.launch(process_id, _inputs(a.input, described, scope))
    if not a.wait:
        return job
    try:
        _show_live(job) if is_nb else job.watch(_print, raise_on_failure=False)
    except KeyboardInterrupt:
        print(f"Left; the job goes on. To come back: %workflow status {job.id[:8]}")
        return job
    job.wait()
    return job.results()


def _inputs(pairs: list[str], described: dict[str, Any], scope: dict[str, Any]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for pair in pairs:
        name, found, text = pair.partition("=")
        if not found:
            raise UsageError(f"-i {pair}: write name=value or name=$variable")
        reference = _REFERENCE.fullmatch(text)
        if reference is None:
            try:
                inputs[name] = parse(text, described.get(name, {}).get("schema", {}))
            except ValueError as error:
                raise UsageError(f"-i {name}: {error}") from None
            continue
        if reference[1] not in scope:
            raise UsageError(f"-i {name}: there is no variable '{reference[1]}'")
        value = scope[reference[1]]
        for attribute in filter(None, reference[2].split(".")):
            value = getattr(value, attribute)
        inputs[name] = value
    return inputs


def _show_live(job: Job) -> None:
    """Show one display that follows the job; its last state stays in the notebook."""
    from IPython.display import display

    steps: dict[str, dict[str, Any]] = {}
    drawn_at = 0.0

    def bundle() -> dict[str, str]:
        rows = list(steps.values())
        return {
            "text/plain": job_text(job._status, rows),
            "text/html": job_html(job._status, rows),
        }

    handle = display(bundle(), raw=True, display_id=True)

    def draw(event: dict[str, Any]) -> None:
        nonlocal drawn_at
        if event["kind"] == "step":
            steps[event["data"]["path"]] = event["data"]
        if handle is not None and time.monotonic() - drawn_at >= REDRAW_S:
            drawn_at = time.monotonic()
            handle.update(bundle(), raw=True)

    try:
        job.watch(draw, raise_on_failure=False)
    finally:
        if handle is not None:
            handle.update(bundle(), raw=True)


def _print(event: dict[str, Any]) -> None:
    data = event["data"]
    if event["kind"] == "step" and data["state"] != "waiting":
        print(f"{MARKS[data['state']]} {data['path']} {data['state']}")


def _jobs(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    return client.jobs(a.limit)


def _status(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    return client.job(a.job)


def _logs(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    text = client.job(a.job).logs(a.step)
    if a.output:
        return text
    print("".join(c if c.isprintable() or c in "\n\t" else "�" for c in text))
    return None


def _results(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> Any:
    return client.job(a.job).results()


def _dismiss(client: Client, a: Any, cell: Any, scope: Any, _n: bool) -> None:
    client.job(a.job).dismiss()


_Verb = Callable[[Client, Any, "str | None", dict[str, Any], bool], Any]
_VERBS: dict[str, _Verb] = {
    "deploy": _deploy,
    "list": _list,
    "describe": _describe,
    "undeploy": _undeploy,
    "launch": _launch,
    "jobs": _jobs,
    "status": _status,
    "logs": _logs,
    "results": _results,
    "dismiss": _dismiss,
}


def complete(line: str) -> list[str]:
    """Complete verbs, process ids, job ids and input names; a runner that is down gives none."""
    words = line.split()
    if len(words) <= 1 or (len(words) == 2 and not line.endswith(" ")):
        return sorted(_VERBS)
    verb = words[1]
    try:
        client = Client()
        if words[-1] == "-i" or words[-2:-1] == ["-i"]:
            return [f"{name}=" for name in client.process(words[2]).inputs]
        if verb in ("describe", "undeploy", "launch"):
            return [process.id for process in client.processes()]
        if verb in ("status", "logs", "results", "dismiss"):
            return [job.id[:8] for job in client.jobs(50)]
    except EodhError:
        return []
    return []
