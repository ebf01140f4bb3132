"""The words of the magics: verbs, options, help with examples."""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex
from typing import NoReturn

from .errors import EodhError

_PAIR = re.compile(r"[A-Za-z_][\w.\-]*=")
_JSON_PAIR = re.compile(r"[A-Za-z_][\w.\-]*=(?=[\[{])")
_DECODER = json.JSONDecoder()

EXAMPLES = {
    "deploy": (
        "%workflow deploy ndvi.cwl --replace\n  %%workflow deploy   (with the CWL in the cell)"
    ),
    "list": "%workflow list --search vegetation",
    "describe": "%workflow describe ndvi",
    "launch": (
        "%workflow launch ndvi scene=$path threshold=0.2 -o results\n"
        '  %workflow launch ndvi area=-2.9,53.1,-1.7,53.8 bands=["nir", "red"]\n'
        "  %workflow launch ndvi -i scenes=a.tif -i scenes=b.tif\n"
        "  %workflow launch ndvi scene=$item --no-wait -o job\n"
        "  %workflow launch ndvi   (shows a form when inputs are needed)"
    ),
    "rerun": (
        "%workflow rerun 3f8212b5 threshold=0.3 -o results\n"
        "  %workflow rerun 3f8212b5 --form   (a form filled with its inputs)"
    ),
    "jobs": "%workflow jobs --status running\n  %workflow jobs --search scene.tif --limit 50",
    "status": "%workflow status 3f8212b5",
    "watch": "%workflow watch 3f8212b5 -o results",
    "graph": "%workflow graph ndvi\n  %workflow graph 3f8212b5   (with the states of a job)",
    "logs": "%workflow logs 3f8212b5 crop/0\n  %workflow logs 3f8212b5 --follow",
    "results": "%workflow results 3f8212b5 -o results",
    "open": (
        "%workflow open 3f8212b5 mask\n  %workflow open 3f8212b5 stac/catalog.json -o catalogue"
    ),
    "dismiss": "%workflow dismiss 3f8212b5",
    "undeploy": "%workflow undeploy ndvi",
    "details": "%workflow details",
}


class UsageError(EodhError):
    """The magic was written wrongly."""


class HelpShown(Exception):
    """The help was asked for and printed; nothing is to be done."""


class Parser(argparse.ArgumentParser):
    """A parser that raises instead of ending the kernel."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong, and where the help is."""
        raise UsageError(f"{message}; {self.prog} --help shows how")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise that the help was shown."""
        raise HelpShown


def split(line: str) -> tuple[list[str], bool]:
    """Give the words of a magic's line, and whether a `;` behind it asks for silence.

    Quotes are those of a shell; JSON behind `name=` stays as it is typed.

    Examples
    --------
    >>> split("launch a -i 'text=b c;' ;")
    (['launch', 'a', '-i', 'text=b c;'], True)
    >>> split('launch a area={"west": -2, "note": "$x;"} bands=["nir", "red"]')[0][2:]
    ['area={"west": -2, "note": "$x;"}', 'bands=["nir", "red"]']
    """
    text = line.strip()
    is_silent = text.endswith(";")
    text, words = text.removesuffix(";").rstrip(), []
    while text:
        word, text = _json_word(text) or _shell_word(text)
        words.append(word)
    return words, is_silent


def _json_word(text: str) -> tuple[str, str] | None:
    """Give `name=` with the JSON behind it, and the rest; None when no JSON is there."""
    found = _JSON_PAIR.match(text)
    if found is None:
        return None
    try:
        _, end = _DECODER.raw_decode(text, found.end())
    except (ValueError, RecursionError):
        return None
    return (text[:end], text[end:].lstrip()) if text[end : end + 1].strip() == "" else None


def _shell_word(text: str) -> tuple[str, str]:
    stream = io.StringIO(text)
    words = shlex.shlex(stream, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    try:
        word = words.get_token()
    except ValueError as error:
        raise UsageError(f"{error}; put quotes around the whole of name=value") from None
    return word or "", text[stream.tell() :].lstrip()


def with_options(words: list[str], verb: Parser) -> list[str]:
    """Give the words of a verb with `-i` before each plain `name=value`.

    Examples
    --------
    >>> with_options(["ndvi", "a=1", "-o", "x"], make_parser()[1]["launch"])
    ['ndvi', '-i', 'a=1', '-o', 'x']
    """
    found: list[str] = []
    is_value = False
    for word in words:
        if not is_value and _PAIR.match(word) and "--input" in verb._option_string_actions:
            found.append("-i")
        found.append(word)
        action = verb._option_string_actions.get(word)
        is_value = not is_value and action is not None and action.nargs != 0
    return found


def make_parser() -> tuple[Parser, dict[str, Parser]]:
    """Give the parser, and those of the verbs by name."""
    parser = Parser(
        prog="%workflow",
        description="Deploy, launch and watch CWL workflows.",
        epilog="Examples:\n  " + "\n  ".join(EXAMPLES.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser, metavar="VERB")
    made: dict[str, Parser] = {}

    def verb(name: str, about: str) -> Parser:
        made[name] = verbs.add_parser(
            name,
            help=about,
            description=about,
            epilog=f"Examples:\n  {EXAMPLES.get(name, f'%workflow {name}')}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made[name].add_argument("-o", "--output", metavar="NAME", help="variable for the value")
        return made[name]

    deploy = verb("deploy", "Deploy a CWL file or address, or the CWL in the cell.")
    deploy.add_argument("package", nargs="?", metavar="FILE", help="file or address")
    deploy.add_argument("--workflow", help="which Workflow of the document")
    deploy.add_argument("--replace", action="store_true", help="replace a deployed one")
    listed = verb("list", "List the processes.")
    listed.add_argument("--search", metavar="TEXT", help="in their ids, titles and keywords")
    verb("describe", "Show the inputs of a process.").add_argument("process")
    _add_launch(verb("launch", "Launch a process and watch it."))
    rerun = verb("rerun", "Launch a job's process again, with the same inputs or some changed.")
    rerun.add_argument("job")
    _add_inputs(rerun)
    jobs = verb("jobs", "List the newest jobs.")
    jobs.add_argument("--limit", type=int, default=10)
    jobs.add_argument("--status", "--state", choices=list(STATES))
    jobs.add_argument("--process")
    jobs.add_argument("--search", metavar="TEXT", help="in their ids, processes and inputs")
    verb("status", "Show a job.").add_argument("job")
    verb("watch", "Watch a job to its end; gives its results.").add_argument("job")
    graph = verb("graph", "Show the steps of a process, or of a job with their states.")
    graph.add_argument("name", metavar="PROCESS_OR_JOB")
    logs = verb("logs", "Print the log of a step; default the failed or newest one.")
    logs.add_argument("job")
    logs.add_argument("step", nargs="?")
    logs.add_argument("--follow", action="store_true", help="print lines as they are written")
    verb("results", "Give the results of a job.").add_argument("job")
    opened = verb("open", "Show a result of a job: a picture, a table, a text.")
    opened.add_argument("job")
    opened.add_argument("result", nargs="?", help="output, or a file within: stac/catalog.json")
    verb("dismiss", "End a job, or remove a finished one.").add_argument("job")
    verb("undeploy", "Take a process away; its jobs stay.").add_argument("process")
    verb("details", "Show all that is known of the last error of these magics.")
    return parser, made


STATES = ("accepted", "running", "successful", "failed", "dismissed")


def _add_launch(launch: Parser) -> None:
    launch.add_argument("process", nargs="?", help="not needed with the CWL in the cell")
    launch.add_argument("--workflow", help="which Workflow of the cell's document")
    _add_inputs(launch)


def _add_inputs(verb: Parser) -> None:
    verb.add_argument(
        "-i",
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input, also without -i; $name gives a variable of yours as it is",
    )
    verb.add_argument("--form", action="store_true", help="show a form instead of launching")
    verb.add_argument("--wait", dest="wait", action="store_true", default=True)
    verb.add_argument("--no-wait", dest="wait", action="store_false", help="give the job at once")
