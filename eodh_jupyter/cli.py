"""`eodh`: deploy, list, launch, jobs, logs, results, dismiss from a terminal.

Exit codes: 0 done, 1 the job failed, 2 wrong use or input, 3 no runner.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .client import Client
from .errors import EodhError, JobFailed, RunnerUnreachable
from .inputs import parse
from .job import Job
from .view import MARKS, job_text


def main(argv: list[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(_VERBS[arguments.verb](Client(), arguments))
    except JobFailed as error:
        code = 1
        text = str(error)
    except RunnerUnreachable as error:
        code, text = 3, str(error)
    except (EodhError, ValueError, TypeError, OSError) as error:
        code, text = 2, str(error)
    except KeyboardInterrupt:
        code, text = 130, "left; the job goes on, see: eodh jobs"
    print(f"eodh: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="eodh", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=about)
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    deploy = verb("deploy", "deploy a CWL file or address")
    deploy.add_argument("package")
    deploy.add_argument("--workflow", help="which Workflow of the document")
    deploy.add_argument("--replace", action="store_true", help="replace a deployed one")
    verb("list", "list the processes")
    verb("undeploy", "take a process away").add_argument("process")
    launch = verb("launch", "launch a process")
    launch.add_argument("process")
    launch.add_argument("-i", "--input", action="append", default=[], metavar="NAME=VALUE")
    launch.add_argument("--inputs", type=Path, help="JSON file with inputs")
    launch.add_argument("--no-wait", action="store_true", help="do not wait for the end")
    jobs = verb("jobs", "list the newest jobs")
    jobs.add_argument("--limit", type=int, default=20)
    jobs.add_argument("--status")
    for name, about in (("status", "show a job"), ("dismiss", "end a job, or remove it")):
        verb(name, about).add_argument("job")
    logs = verb("logs", "print the log of a step")
    logs.add_argument("job")
    logs.add_argument("step", nargs="?")
    results = verb("results", "show or download results")
    results.add_argument("job")
    results.add_argument("--download", type=Path, metavar="FOLDER")
    return parser


def _show(arguments: argparse.Namespace, value: Any, text: str) -> int:
    print(json.dumps(value, indent=2, default=str) if arguments.json else text)
    return 0


def _deploy(client: Client, a: argparse.Namespace) -> int:
    process = client.deploy(a.package, workflow=a.workflow, replace=a.replace)
    return _show(a, process._description, f"deployed {process.id}: {process.title}")


def _list(client: Client, a: argparse.Namespace) -> int:
    found = client.processes()
    rows = "\n".join(f"{p.id:30} {p.version:10} {p.title}" for p in found)
    return _show(a, [p._description for p in found], rows)


def _undeploy(client: Client, a: argparse.Namespace) -> int:
    client.undeploy(a.process)
    return _show(a, {"undeployed": a.process}, f"undeployed {a.process}")


def _launch(client: Client, a: argparse.Namespace) -> int:
    inputs = json.loads(a.inputs.read_text()) if a.inputs else {}
    described = client.process(a.process).inputs
    for pair in a.input:
        name, found, text = pair.partition("=")
        if not found:
            raise ValueError(f"-i {pair}: write NAME=VALUE")
        inputs[name] = parse(text, described.get(name, {}).get("schema", {}))
    job = client.launch(a.process, inputs)
    if not a.no_wait:
        job.watch(_tell if not a.json else lambda event: None)
    return _show(a, job._status, f"job {job.id} {job.status}")


def _tell(event: dict[str, Any]) -> None:
    data = event["data"]
    if event["kind"] == "step" and data["state"] != "waiting":
        print(f"{MARKS[data['state']]} {data['path']} {data['state']}", file=sys.stderr)


def _jobs(client: Client, a: argparse.Namespace) -> int:
    found = client.jobs(a.limit, status=a.status)
    rows = "\n".join(f"{j.id[:8]} {j.status:10} {j.progress:3} % {j.process_id}" for j in found)
    return _show(a, [j._status for j in found], rows or "no jobs")


def _status(client: Client, a: argparse.Namespace) -> int:
    job: Job = client.job(a.job)
    steps = job.steps()
    return _show(a, {**job._status, "steps": steps}, job_text(job._status, steps))


def _logs(client: Client, a: argparse.Namespace) -> int:
    text = client.job(a.job).logs(a.step)
    return _show(a, {"log": text}, text.rstrip("\n"))


def _results(client: Client, a: argparse.Namespace) -> int:
    found = client.job(a.job).results()
    if a.download is not None:
        for name, result in found.items():
            print(f"{name}: {result.download(a.download)}", file=sys.stderr)
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
