"""Completion of the magics: verbs, options, processes, jobs, inputs and their values."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .parser import STATES, make_parser

if TYPE_CHECKING:
    from .client import Client
    from .field import Field

LIMIT_S = 0.5
PROCESS_VERBS = ("describe", "launch", "undeploy", "graph")
JOB_VERBS = ("status", "watch", "logs", "results", "open", "rerun", "dismiss", "graph")
INPUT_VERBS = ("launch", "rerun")
_VALUE = re.compile(r"([^\s='\"]+)=([^\s]*)$")
MAX_JOBS = 50


def complete(line: str, variables: Iterable[str] = ()) -> list[str]:
    """Give what may follow; nothing when no runner is up, and never an error.

    Parameters
    ----------
    variables
        Names that `$name` may mean.
    """
    words = line.split()
    typed = "" if not words or line[-1:].isspace() else words.pop()
    verbs = make_parser()[1]
    verb = words[1] if len(words) > 1 else None
    if verb not in verbs:
        is_cell = line.lstrip().startswith("%%")
        return ["deploy", "launch"] if is_cell else [*verbs, "--help"]
    if typed.startswith("-"):
        return sorted(verbs[verb]._option_string_actions)
    if typed.rpartition("=")[2].startswith("$"):
        return sorted(name for name in variables if not name.startswith("_"))
    return _in_time(lambda: _asked(verb, words, typed))


def _asked(verb: str, words: list[str], typed: str) -> list[str]:
    """Give what only the runner knows; it is never started for this."""
    from .client import Client

    client = Client(autostart=False)
    before = words[-1]
    if before in ("--status", "--state"):
        return list(STATES)
    if before == "--process":
        return [process.id for process in client.processes()]
    if len(words) == 2 and "=" not in typed and before not in ("-i", "--input"):
        return _subjects(client, verb)
    if verb in INPUT_VERBS:
        return _inputs(_fields(client, verb, words), words, typed)
    if verb == "logs" and len(words) == 3:
        return [step["path"] for step in client.job(words[2]).steps()]
    if verb == "open" and len(words) == 3:
        return list(client.job(words[2]).results)
    return []


def _subjects(client: Client, verb: str) -> list[str]:
    """Give the processes and jobs that a verb is about."""
    found = [process.id for process in client.processes()] if verb in PROCESS_VERBS else []
    if verb in JOB_VERBS:
        found += [job.id[:8] for job in client.jobs(MAX_JOBS)]
    return found


def _fields(client: Client, verb: str, words: list[str]) -> tuple[Field, ...]:
    name = next((word for word in words[2:] if not word.startswith("-") and "=" not in word), None)
    if name is None:
        return ()
    process = client.job(name).process_id if verb == "rerun" else name
    return client.process(process).fields


def _inputs(fields: tuple[Field, ...], words: list[str], typed: str) -> list[str]:
    """Give the names of inputs that are not given yet, or the values of the one that is typed."""
    if found := _VALUE.match(typed):
        field = next((field for field in fields if field.name == found[1]), None)
        if field is None:
            return []
        return ["true", "false"] if field.kind == "boolean" else [str(o) for o in field.options]
    given = {word.partition("=")[0] for word in words if "=" in word}
    many = [field.name for field in fields if field.kind == "array"]
    return [f"{f.name}=" for f in fields if f.name not in given or f.name in many]


def _in_time(ask: Callable[[], list[str]]) -> list[str]:
    found: list[str] = []

    def work() -> None:
        try:
            found.extend(ask())
        except Exception:  # noqa: BLE001  a completion that fails shows nothing
            return

    thread = threading.Thread(target=work, name="eodh-completion", daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    return list(found)
