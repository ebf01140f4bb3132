"""What the magics' verbs do; no IPython here but for display."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client
from .display.live import show_live
from .display.words import clean_log
from .errors import EodhError, Problem
from .inputs import Typed, from_pairs
from .parser import HelpShown, UsageError, make_parser, split, with_options
from .process import Process

_REFERENCE = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[[^\[\]]+\])*)")
_PART = re.compile(r"\.([A-Za-z_]\w*)|\[([^\[\]]+)\]")


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
    value = _VERBS[arguments.verb](Call(Client(), arguments, cell, scope, is_notebook))
    names = {name: value} if name else {}
    return (None if is_silent or names else value), names


def _with_verb(words: list[str]) -> list[str]:
    """Give the words of a cell's line; without a verb, inputs mean launch."""
    if words and words[0] in ("deploy", "launch", "-h", "--help"):
        return words
    if words and words[0] in _VERBS:
        raise UsageError(f"{words[0]} takes no cell; write %workflow {words[0]} on one line")
    is_launch = any(word.startswith(("-i", "--input", "--no-wait", "--wait")) for word in words)
    return ["launch" if is_launch else "deploy", *words]


def _deploy(call: Call) -> Process:
    a = call.arguments
    if call.cell is not None:
        if a.package:
            raise UsageError(f"the CWL is in the cell already; leave out '{a.package}'")
        return _deploy_cell(call, call.cell)
    if not a.package:
        raise UsageError("name a CWL file, or put the CWL into a %%workflow cell")
    return call.client.deploy(a.package, workflow=a.workflow, replace=a.replace)


def _deploy_cell(call: Call, cell: str) -> Process:
    """Deploy the cell's document; running a cell again replaces."""
    if not cell.strip():
        raise UsageError("the cell is empty; put the CWL below the magic")
    try:
        return call.client.deploy(cell.encode(), workflow=call.arguments.workflow, replace=True)
    except Problem as problem:
        if not problem.diagnostics:
            raise
        raise EodhError(point_at(cell, problem.diagnostics)) from problem


def point_at(cell: str, diagnostics: list[dict[str, Any]]) -> str:
    r"""Give the diagnostics of a document with the cell's lines that they mean.

    The magic itself is line 1 of the cell, so the document's lines count from 2.

    Examples
    --------
    >>> print(point_at("a: 1\nb: c", [{"message": "no number", "line": 2, "column": 4}]))
    the workflow cannot be deployed
    line 3: no number
        b: c
           ^
    """
    lines, shown = cell.split("\n"), ["the workflow cannot be deployed"]
    for found in diagnostics[:5]:
        number, column = found.get("line"), found.get("column") or 1
        if number is None:
            shown.append(str(found["message"]))
            continue
        shown.append(f"line {number + 1}: {found['message']}")
        if 1 <= number <= len(lines):
            text = lines[number - 1].replace("\t", " ")
            shown += [f"    {text}", "    " + " " * (column - 1) + "^"]
    if len(diagnostics) > 5:
        shown.append(f"and {len(diagnostics) - 5} more")
    return "\n".join(shown)


def _launch(call: Call) -> Any:
    a = call.arguments
    if call.cell is not None and a.process:
        raise UsageError(f"the cell's own workflow is launched; leave out '{a.process}'")
    if call.cell is None and not a.process:
        raise UsageError("name the process to launch; %workflow list shows them")
    references = pairs_of(a.input, call.scope)
    process = call.client.process(a.process) if call.cell is None else _deploy_cell(call, call.cell)
    job = call.client.execute(process, from_pairs(references, process.inputs))
    if not a.wait:
        return job
    show_live(job, is_notebook=call.is_notebook)
    return job.results


def pairs_of(texts: Iterable[str], scope: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Give names and values of `name=value`; `$name` is looked up and keeps its type.

    Behind `$name` may stand `.attribute`, `[0]` and `["key"]`; `$$` is a plain dollar.
    """
    return [_pair(text, scope) for text in texts]


def _pair(text: str, scope: Mapping[str, Any]) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise UsageError(f"-i {text}: write name=value or name=$variable")
    if value.startswith("$$"):
        return name, value[1:]
    reference = _REFERENCE.fullmatch(value)
    if reference is None:
        return name, value
    if reference[1] not in scope:
        raise UsageError(
            f"{name}: there is no variable '{reference[1]}'; the text itself is $${value[1:]}"
        )
    held = scope[reference[1]]
    for part in _PART.finditer(reference[2]):
        try:
            held = getattr(held, part[1]) if part[1] else held[_key(part[2])]
        except (AttributeError, LookupError, TypeError):
            raise UsageError(f"{name}: '{value}' has no '{part[0].strip('.')}'") from None
    return name, Typed(held)


def _key(text: str) -> int | str:
    """Give what stands in brackets; a shell's quotes are gone by now."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text.strip("'\"")


def _jobs(call: Call) -> Any:
    a = call.arguments
    return call.client.jobs(a.limit, status=a.status, process=a.process)


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


_VERBS: dict[str, Callable[[Call], Any]] = {
    "deploy": _deploy,
    "list": lambda call: call.client.processes(),
    "describe": lambda call: call.client.process(call.arguments.process),
    "launch": _launch,
    "jobs": _jobs,
    "status": lambda call: call.client.job(call.arguments.job),
    "logs": _logs,
    "results": lambda call: call.client.job(call.arguments.job).results,
    "dismiss": lambda call: call.client.job(call.arguments.job).dismiss(),
    "undeploy": lambda call: call.client.undeploy(call.arguments.process),
}
