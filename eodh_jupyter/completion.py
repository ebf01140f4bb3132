"""Completion of the magics: verbs, options, ids of processes and jobs, input names."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .parser import STATES, make_parser

LIMIT_S = 0.5
PROCESS_VERBS = ("describe", "launch", "undeploy")
JOB_VERBS = ("status", "logs", "results", "dismiss")


def complete(line: str) -> list[str]:
    """Give what may follow; nothing when no runner is up, and never an error."""
    words = line.split()
    if not line[-1:].isspace():
        words = words[:-1]
    is_option = line.rpartition(" ")[2].startswith("-")
    verbs = make_parser()[1]
    verb = words[1] if len(words) > 1 else None
    if verb not in verbs:
        is_cell = line.lstrip().startswith("%%")
        return ["deploy", "launch"] if is_cell else [*verbs, "--help"]
    if is_option:
        return sorted(verbs[verb]._option_string_actions)
    return _in_time(lambda: _asked(verb, words))


def _asked(verb: str, words: list[str]) -> list[str]:
    """Give what only the runner knows; it is never started for this."""
    from .client import Client

    client = Client(autostart=False)
    before = words[-1]
    if before in ("-i", "--input"):
        process = next((w for w in words[2:] if not w.startswith("-") and "=" not in w), None)
        return [f"{name}=" for name in client.process(process).inputs] if process else []
    if before == "--status":
        return list(STATES)
    if before == "--process" or (verb in PROCESS_VERBS and len(words) == 2):
        return [process.id for process in client.processes()]
    if verb in JOB_VERBS and len(words) == 2:
        return [job.id[:8] for job in client.jobs(50)]
    if verb == "logs" and len(words) == 3:
        return [step["path"] for step in client.job(words[2]).steps()]
    return []


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
