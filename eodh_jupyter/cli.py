"""`eodh`: deploy, list, launch, jobs, status, logs, results, dismiss from a terminal.

Exit codes: 0 done, 1 the job failed, 2 wrong use or input, 3 no runner.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from .client import Client
from .display.text import step_text
from .display.words import clean_log
from .errors import Detached, EodhError, JobFailed, RunnerUnreachable
from .inputs import from_pairs, read_job_order
from .job import Job


def main(argv: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(_VERBS[arguments.verb](Client(), arguments))
    except JobFailed as error:
        code, text = 1, str(error)
    except RunnerUnreachable as error:
        code, text = 3, str(error)
    except Detached as left:
        short = left.job.id[:8]
        code, text = 130, f"left job {short}; it goes on, see: eodh status {short}"
    except KeyboardInterrupt:
        code, text = 130, "interrupted"
    except BrokenPipeError:
        # The reader has seen enough; nothing more may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (EodhError, ValueError, TypeError, OSError) as error:
        code, text = 2, str(error)
    print(f"eodh: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eodh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=about, description=about)
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    deploy = verb("deploy", "deploy a CWL file or address")
    deploy.add_argument("package")
    deploy.add_argument("--workflow", help="which Workflow of the document")
    deploy.add_argument("--replace", action="store_true", help="replace a deployed one")
    verb("list", "list the processes")
    verb("undeploy", "take a process away; its jobs stay").add_argument("process")
    launch = verb("launch", "launch a process and wait for its end")
    launch.add_argument("process")
    launch.add_argument(
        "-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input"
    )
    launch.add_argument("--inputs", type=Path, metavar="FILE", help="inputs in JSON or YAML")
    launch.add_argument("--no-wait", action="store_true", help="do not wait for the end")
    jobs = verb("jobs", "list the newest jobs")
    jobs.add_argument("--limit", type=int, default=20)
    jobs.add_argument("--status")
    jobs.add_argument("--process")
    for name, about in (("status", "show a job"), ("dismiss", "end a job, or remove it")):
        verb(name, about).add_argument("job")
    logs = verb("logs", "print the log of a step")
    logs.add_argument("job")
    logs.add_argument("step", nargs="?", help="default the failed or newest one")
    logs.add_argument("--follow", action="store_true", help="print lines as they are written")
    results = verb("results", "show or download results")
    results.add_argument("job")
    results.add_argument(
        "--download", type=Path, metavar="DIR", help="copy them, a folder for each output"
    )
    return parser


def _show(arguments: argparse.Namespace, value: Any, text: str) -> int:
    print(json.dumps(value, indent=2, default=str) if arguments.json else text)
    return 0


def _deploy(client: Client, a: argparse.Namespace) -> int:
    process = client.deploy(a.package, workflow=a.workflow, replace=a.replace)
    for warning in process.warnings:
        print(f"note: {warning}", file=sys.stderr)
    return _show(a, process._description, f"deployed {process.id}: {process.title}")


def _list(client: Client, a: argparse.Namespace) -> int:
    found = client.processes()
    return _show(a, [p._description for p in found], _table(found) or "no processes")


def _undeploy(client: Client, a: argparse.Namespace) -> int:
    client.undeploy(a.process)
    return _show(a, {"undeployed": a.process}, f"undeployed {a.process}")


def _launch(client: Client, a: argparse.Namespace) -> int:
    inputs = read_job_order(a.inputs) if a.inputs else {}
    pairs = [pair.partition("=") for pair in a.input]
    for name, found, text in pairs:
        if not (name and found):
            raise ValueError(f"-i {name}{text}: write NAME=VALUE")
    process = client.process(a.process)
    inputs |= from_pairs([(name, text) for name, _, text in pairs], process.inputs)
    job = client.execute(process, inputs)
    if not a.no_wait:
        if not a.json:
            print(f"launched job {job.id}", file=sys.stderr)
        job.watch(_silent if a.json else _Progress())
    return _show(a, job._status, f"job {job.id} {job.status}")


def _silent(event: dict[str, Any]) -> None:
    """Take an event without a word."""


class _Progress:
    """Lines for the steps; on a terminal also a percentage that stays in its place."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, event: dict[str, Any]) -> None:
        data, clear = event["data"], "\r\x1b[K" if self._is_terminal else ""
        if event["kind"] == "step" and data["state"] != "waiting":
            print(f"{clear}{step_text(data)}", file=sys.stderr, flush=True)
        elif self._is_terminal and event["kind"] == "progress":
            print(f"{clear}{data.get('progress', 0)} %", end="", file=sys.stderr, flush=True)
        elif self._is_terminal and event["kind"] == "job":
            print(clear, end="", file=sys.stderr, flush=True)


def _jobs(client: Client, a: argparse.Namespace) -> int:
    found = client.jobs(a.limit, status=a.status, process=a.process)
    return _show(a, [j._status for j in found], _table(found) or "no jobs")


def _table(found: Any) -> str:
    return str(found.to_text())


def _status(client: Client, a: argparse.Namespace) -> int:
    job: Job = client.job(a.job)
    card = job.card()
    value = {**job._status, "steps": list(card.steps.values())}
    return _show(a, value, card.bundle()["text/plain"])


def _logs(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    # A terminal would obey what a tool writes; a file or pipe gets it as it is.
    made = clean_log if sys.stdout.isatty() else str
    if a.follow:
        for line in job.follow_log(a.step):
            print(json.dumps({"line": line}) if a.json else made(line), flush=True)
        return 0
    text = job.logs(a.step)
    return _show(a, {"log": text}, made(text.rstrip("\n")))


def _results(client: Client, a: argparse.Namespace) -> int:
    found = client.job(a.job).results
    if a.download is not None:
        for name, result in found.items():
            folder = a.download / name.replace("/", "_")
            print(f"{name}: {result.download(folder)}", file=sys.stderr)
    return _show(a, {name: r.value for name, r in found.items()}, repr(found))


def _dismiss(client: Client, a: argparse.Namespace) -> int:
    job = client.job(a.job)
    job.dismiss()
    return _show(a, {"dismissed": job.id}, f"dismissed {job.id[:8]}")


_VERBS = {
    "deploy": _deploy,
    "list": _list,
    "undeploy": _undeploy,
    "launch": _launch,
    "jobs": _jobs,
    "status": _status,
    "logs": _logs,
    "results": _results,
    "dismiss": _dismiss,
}

if __name__ == "__main__":
    sys.exit(main())
