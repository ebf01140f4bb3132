"""What the magics' verbs do; no IPython here but for display."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .check import Finding, check_all, describe
from .client import Client
from .diagnostic import point_at, refuse
from .display.background import show_in_background
from .display.live import show_live
from .display.words import clean_log
from .errors import EodhError, InputError, Problem
from .inputs import from_pairs
from .job import Job
from .parser import HelpShown, UsageError, make_parser, split, with_options
from .process import Process
from .reference import pairs_of


@dataclass(frozen=True)
class Call:
    """One magic, as written."""

    client: Client
    #: What the parser made of the line.
    arguments: Any
    #: Text of the cell behind `%%workflow`; None for `%workflow`.
    cell: str | None
    #: Names that `$name` may mean.
    scope: dict[str, Any]
    is_notebook: bool
    #: A `;` behind the line: nothing is shown.
    is_silent: bool = False


def run(
    line: str, cell: str | None, scope: dict[str, Any], *, is_notebook: bool
) -> tuple[Any, dict[str, Any]]:
    """Run one magic; gives its value and the names to set.

    Raises
    ------
    EodhError
        With a short text; the cell fails.
    """
    words, is_silent = split(line)
    if cell is not None:
        words = _with_verb(words)
    parser, verbs = make_parser()
    if words and words[0] in verbs:
        words = [words[0], *with_options(words[1:], verbs[words[0]])]
    try:
        arguments = parser.parse_args(words or ["--help"])
    except HelpShown:
        return None, {}
    name = arguments.output
    if name is not None and not name.isidentifier():
        raise UsageError(f"-o {name}: that cannot be the name of a variable")
    call = Call(Client(), arguments, cell, scope, is_notebook, is_silent)
    value = _VERBS[arguments.verb](call)
    names = {name: value} if name else {}
    return (None if is_silent or names else value), names


def _with_verb(words: list[str]) -> list[str]:
    """Give the words of a cell's line; without a verb, inputs mean launch."""
    if words and words[0] in ("deploy", "launch", "-h", "--help"):
        return words
    if words and words[0] in _VERBS:
        raise UsageError(f"{words[0]} takes no cell; write %workflow {words[0]} on one line")
    options = ("-i", "--input", "--no-wait", "--wait")
    is_launch = any(word.startswith(options) or "=" in word for word in words)
    return ["launch" if is_launch else "deploy", *words]


def _deploy(call: Call) -> Process:
    a = call.arguments
    if call.cell is not None:
        if a.package:
            raise UsageError(f"the CWL is in the cell already; leave out '{a.package}'")
        return _deploy_cell(call, call.cell)
    if not a.package:
        raise UsageError("name a CWL file, or put the CWL into a %%workflow cell")
    try:
        return call.client.deploy(a.package, workflow=a.workflow, replace=a.replace)
    except Problem as problem:
        if problem.process_id is not None:
            raise EodhError(f"{problem.detail}: add --replace to the line") from problem
        refuse(a.package, problem)


def _deploy_cell(call: Call, cell: str) -> Process:
    """Deploy the cell's document; running a cell again replaces."""
    if not cell.strip():
        raise UsageError("the cell is empty; put the CWL below the magic")
    try:
        return call.client.deploy(cell.encode(), workflow=call.arguments.workflow, replace=True)
    except Problem as problem:
        if not problem.diagnostics:
            raise
        raise EodhError(point_at(cell, problem.diagnostics, first_line=2)) from problem


def _launch(call: Call) -> Any:
    a = call.arguments
    if call.cell is not None and a.process:
        raise UsageError(f"the cell's own workflow is launched; leave out '{a.process}'")
    if call.cell is None and not a.process:
        raise UsageError("name the process to launch; %workflow list shows them")
    pairs = pairs_of(a.input, call.scope)
    process = call.client.process(a.process) if call.cell is None else _deploy_cell(call, call.cell)
    missing = {} if pairs else check_all(process.fields, {})
    if a.form or (missing and call.is_notebook and not a.output):
        return process.form(from_pairs(pairs, process.inputs))
    if missing:
        raise InputError(_needed(process, missing))
    return _follow(call, call.client.execute(process, from_pairs(pairs, process.inputs)))


def _needed(process: Process, missing: dict[str, Finding]) -> str:
    return describe(process.id, process.fields, missing)


def _rerun(call: Call) -> Any:
    a = call.arguments
    job = call.client.job(a.job)
    process = call.client.process(job.process_id)
    changes = from_pairs(pairs_of(a.input, call.scope), process.inputs)
    if a.form:
        return job.form(**changes)
    return _follow(call, job.rerun(**changes))


def _watch(call: Call) -> Any:
    return _follow(call, call.client.job(call.arguments.job), wait=True)


def _follow(call: Call, job: Job, *, wait: bool = False) -> Any:
    """Show a job to its end and give its results; or let it go on and give the job."""
    if wait or call.arguments.wait:
        if call.is_silent:
            job.wait(raise_on_failure=False)
        else:
            show_live(job, is_notebook=call.is_notebook)
        return job.results
    if call.is_notebook and not call.is_silent:
        show_in_background(job)
        job.is_shown = True
    return job


def _jobs(call: Call) -> Any:
    a = call.arguments
    return call.client.jobs(a.limit, status=a.status, process=a.process, search=a.search)


def _list(call: Call) -> Any:
    return call.client.processes(search=call.arguments.search)


def _logs(call: Call) -> Any:
    a = call.arguments
    job = call.client.job(a.job)
    if a.follow:
        return _print_lines(job.follow_log(a.step), is_kept=bool(a.output))
    text = job.logs(a.step)
    if a.output:
        return text
    print(clean_log(text), end="" if text.endswith("\n") else "\n")
    return None


def _print_lines(lines: Iterator[str], *, is_kept: bool) -> str | None:
    kept = []
    for line in lines:
        print(clean_log(line), flush=True)
        if is_kept:
            kept.append(line)
    return "\n".join(kept) if is_kept else None


def _open(call: Call) -> Any:
    a = call.arguments
    job = call.client.job(a.job)
    return job.open(a.result) if a.result else job.results


def _graph(call: Call) -> Any:
    """Show the graph of a process, or of a job with its states."""
    name = call.arguments.name
    try:
        return call.client.process(name).graph()
    except Problem as problem:
        if problem.status != 404:
            raise
    return call.client.job(name).graph()


_VERBS: dict[str, Callable[[Call], Any]] = {
    "deploy": _deploy,
    "list": _list,
    "describe": lambda call: call.client.process(call.arguments.process),
    "launch": _launch,
    "rerun": _rerun,
    "jobs": _jobs,
    "status": lambda call: call.client.job(call.arguments.job),
    "watch": _watch,
    "graph": _graph,
    "logs": _logs,
    "results": lambda call: call.client.job(call.arguments.job).results,
    "open": _open,
    "dismiss": lambda call: call.client.job(call.arguments.job).dismiss(),
    "undeploy": lambda call: call.client.undeploy(call.arguments.process),
}
