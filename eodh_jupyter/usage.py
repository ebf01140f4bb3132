"""The words of the command line: verbs, options, help with examples."""

from __future__ import annotations

import argparse
from pathlib import Path

from .parser import STATES

ABOUT = """Deploy, launch, watch and browse CWL workflows from a terminal.

Exit codes: 0 done, 1 the job failed, 2 wrong use or input, 3 no runner, 130 interrupted.
The value goes to the output, everything else aside; --json gives the value as JSON."""

EXAMPLES = {
    "deploy": "eodh deploy ndvi.cwl --replace",
    "check": "eodh check ndvi.cwl && eodh deploy ndvi.cwl",
    "list": "eodh list --json | jq -r '.[].id'",
    "describe": "eodh describe ndvi",
    "package": "eodh package ndvi > ndvi.cwl",
    "graph": "eodh graph ndvi\n  eodh graph 3f8212b5            (with the states of a job)\n"
    "  eodh graph ndvi --mermaid > ndvi.mmd",
    "undeploy": "eodh undeploy ndvi",
    "launch": "eodh launch ndvi -i scene=scene.tif -i threshold=0.2\n"
    "  eodh launch ndvi --inputs job.yaml --no-wait --json | jq -r .jobID",
    "rerun": "eodh rerun 3f8212b5 -i threshold=0.3",
    "watch": "eodh watch 3f8212b5 && eodh download 3f8212b5",
    "jobs": "eodh jobs --status failed --process ndvi",
    "status": "eodh status 3f8212b5",
    "dismiss": "eodh dismiss 3f8212b5",
    "logs": "eodh logs 3f8212b5 crop/0\n  eodh logs 3f8212b5 --follow | grep -i error",
    "results": "eodh results 3f8212b5",
    "open": "eodh open 3f8212b5 mask\n  eodh open 3f8212b5 stac/catalog.json",
    "download": "eodh download 3f8212b5                       (all results, into this folder)\n"
    "  eodh download 3f8212b5 mask --to results\n"
    "  eodh download 3f8212b5 stac/catalog.json --to - | jq .",
}


def make_parser() -> argparse.ArgumentParser:
    """Give the parser."""
    parser = argparse.ArgumentParser(
        prog="eodh",
        description=ABOUT,
        epilog="eodh VERB --help shows the options of a verb, and examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, about: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(
            name,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=f"Examples:\n  {EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.add_argument("--json", action="store_true", help="print the value as JSON")
        return made

    deploy = verb("deploy", "deploy a CWL file or address")
    deploy.add_argument("--replace", action="store_true", help="replace a deployed one")
    check = verb("check", "tell what a CWL file or address would deploy, and what it lacks")
    for package in (deploy, check):
        package.add_argument("package", metavar="FILE", help="file or address")
        package.add_argument("--workflow", help="which Workflow of the document")
    listed = verb("list", "list the processes")
    listed.add_argument("--search", metavar="TEXT", help="in their ids, titles and keywords")
    verb("describe", "show the inputs and outputs of a process").add_argument("process")
    verb("package", "print the CWL of a process").add_argument("process")
    graph = verb("graph", "show the steps of a process, or of a job with their states")
    graph.add_argument("name", metavar="PROCESS_OR_JOB")
    graph.add_argument("--mermaid", action="store_true", help="as a Mermaid flowchart")
    verb("undeploy", "take a process away; its jobs stay").add_argument("process")
    launch = verb("launch", "launch a process and wait for its end")
    launch.add_argument("process")
    rerun = verb("rerun", "launch a job's process again, with the same inputs or some changed")
    rerun.add_argument("job")
    for launching in (launch, rerun):
        _add_inputs(launching)
    verb("watch", "watch a job to its end").add_argument("job")
    jobs = verb("jobs", "list the newest jobs")
    jobs.add_argument("--limit", type=int, default=20)
    jobs.add_argument("--status", choices=STATES, metavar="STATE", help=", ".join(STATES))
    jobs.add_argument("--process")
    jobs.add_argument("--search", metavar="TEXT", help="in their ids, processes and inputs")
    verb("status", "show a job").add_argument("job")
    verb("dismiss", "end a job, or remove a finished one").add_argument("job")
    logs = verb("logs", "print the log of a step")
    logs.add_argument("job")
    logs.add_argument("step", nargs="?", help="default the failed or newest one")
    logs.add_argument("--follow", action="store_true", help="print lines as they are written")
    results = verb("results", "show the results of a job")
    results.add_argument("job")
    results.add_argument(
        "--download", type=Path, metavar="DIR", help="copy them, a folder for each output"
    )
    opened = verb("open", "show a result: a table, a text, the facts of a raster")
    opened.add_argument("job")
    opened.add_argument("result", help="output, or a file within: stac/catalog.json")
    download = verb("download", "copy results, a folder for each output")
    download.add_argument("job")
    download.add_argument("result", nargs="?", help="output, or a file within; default all")
    download.add_argument(
        "--to", default=".", metavar="DIR", help="default this folder; - prints one file"
    )
    return parser


def _add_inputs(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input"
    )
    verb.add_argument("--inputs", type=Path, metavar="FILE", help="inputs in JSON or YAML")
    verb.add_argument("--no-wait", action="store_true", help="do not wait for the end")
