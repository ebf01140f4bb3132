"""The forkserver: warm, then one jailed child for each request.

Started by `worker/engine.py` with a socket as its descriptor 0, or in a container of its own as
`eodh-runner engine`, where it listens. Says when it is warm; then each message is `f` with the
descriptor of a new child's channel, or `k` with the number of a child to be ended.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from ..domain.failure import Failure, FailureClass
from ..domain.step import StepDone, StepRun
from . import document as documents
from . import evaluate, identity, jail, javascript
from .describe import describe
from .protocol import LENGTH, Channel

VERSIONS = ("v1.0", "v1.1", "v1.2", "v1.3.0-dev1")
WARM = (
    '{{"cwlVersion": "{version}", "class": "CommandLineTool", "id": "warm", '
    '"baseCommand": "true", "inputs": {{"x": "string?"}}, "outputs": []}}'
)


def main(limit_s: float) -> None:
    """Warm up, then serve the worker that started this.

    Parameters
    ----------
    limit_s
        Processor time of one expression.
    """
    _get_ready(limit_s)
    _serve(socket.socket(fileno=0), limit_s)


def listen(address: Path, limit_s: float) -> None:
    """Warm up, then serve each worker that connects, until a signal."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    _get_ready(limit_s)
    address.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        address.chmod(0o660)  # the runner is of this group
        listener.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            control, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                _serve(control, limit_s)
                os._exit(0)
            control.close()


def _get_ready(limit_s: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm(limit_s)
    gc.collect()
    gc.freeze()


def _serve(control: socket.socket, limit_s: float) -> None:
    """Fork for each request until the socket closes; then no child is left."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        control.sendall(json.dumps({"isolation": _probe()}).encode() + b"\n")
    except BrokenPipeError:  # the worker did not wait
        return
    children: set[int] = set()  # their numbers stay theirs until they are waited for
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if message == b"f" and descriptors:
            pid = os.fork()
            if pid == 0:
                control.close()
                jail.end_with_parent()
                _child(socket.socket(fileno=descriptors[0]), limit_s)
            os.close(descriptors[0])
            # One whose request was given up before it said its number ends by itself.
            children = {pid, *(child for child in children if not os.waitpid(child, os.WNOHANG)[0])}
            continue
        ended = set(children)
        if message == b"k":
            ended &= set(LENGTH.unpack(control.recv(LENGTH.size, socket.MSG_WAITALL)))
        for pid in ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        children -= ended
        if message != b"k":
            return


def warm(limit_s: float) -> None:
    """Load what every document needs: libraries, schemas, one dry run of each version."""
    import encodings.idna  # noqa: F401  resolvers load it late, when no file can be opened
    import stringprep  # noqa: F401

    from cwltool.process import get_schema

    identity.install()
    javascript.install(limit_s)
    for name in ("cwltool", "salad", "cwl_utils", "rdflib"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [evaluate.LastError()], False
        logger.setLevel(logging.ERROR)
    _warm_ontologies()
    for version in VERSIONS:
        get_schema(version)
    done = StepDone(1, 0, base="eodh-store:///warm")
    for version in VERSIONS[:3]:
        text = WARM.format(version=version)
        process = documents.load(text, documents.PACKAGE, "warm", _no_fetch)
        describe(process, documents.read(text), "warm")
        run = evaluate.Run(lambda *_, **__: None, lambda _: None, lambda _: done)
        run.execute(process, {})
    evaluate.LastError.text = ""


def _warm_ontologies() -> None:
    """Load rdflib's parsers, which are found by files that the jail closes."""
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data="<http://a> <http://b> <http://c> .", format="turtle")
    xml = '<?xml version="1.0"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    graph.parse(data=xml, format="xml")


def _no_fetch(url: str) -> str:
    raise documents.Refused(f"{url} cannot be fetched")


def _probe() -> dict[str, Any]:
    """Jail a child and give what holds there."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write_end, json.dumps(jail.close()).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as file:
        state: dict[str, Any] = json.loads(file.read() or "{}")
    os.waitpid(pid, 0)
    return state


def _child(sock: socket.socket, limit_s: float) -> None:
    channel = Channel(sock)
    try:
        channel.send({"t": "hello", "pid": os.getpid()})
        request = channel.receive()
        jail.close(lambda: javascript.Watch.start(limit_s, lambda: _give_up(channel, limit_s)))
        channel.send(answer(channel, request))
    except EOFError:
        os._exit(0)
    except BaseException as error:  # noqa: BLE001  the edge of the process
        text = "".join(traceback.format_exception(error))[-4000:]
        channel.send({"t": "bug", "text": text})
    os._exit(0)


def _give_up(channel: Channel, limit_s: float) -> None:
    """End, with the reason, while an expression still runs."""
    step = "/".join(identity.Scope.path)
    failure = Failure(
        FailureClass.DOCUMENT,
        f"{step + ': ' if step else ''}an expression took longer than {limit_s:g} s",
        "Correct the expression and deploy the workflow again.",
        step=step or None,
    )
    try:
        channel.send({"t": "failed", "failure": failure.to_json()})
    finally:
        os._exit(0)


def answer(channel: Channel, request: dict[str, Any]) -> dict[str, Any]:
    """Give the final message for a request."""
    worker = _Worker(channel)
    identity.begin()
    try:
        if request["op"] == "inspect":
            return {"t": "inspection", "value": _inspect(worker, request)}
        return {"t": "outputs", "value": _run(worker, request)}
    except documents.UnknownWorkflow as error:
        return {"t": "unknown", "name": str(error)}
    except documents.Refused as error:
        found = [vars(diagnostic) for diagnostic in error.diagnostics]
        return {"t": "refused", "message": str(error), "diagnostics": found}
    except evaluate.RunFailed as error:
        return {"t": "failed", "failure": error.failure.to_json()}
    except RecursionError:
        message = "the document is nested too deeply or refers to itself"
        return {"t": "refused", "message": message, "diagnostics": [{"message": message}]}
    except MemoryError:
        failure = Failure(
            FailureClass.DOCUMENT,
            "the workflow needs more memory to evaluate than the engine has",
            "Use fewer items or smaller expressions.",
        )
        return {"t": "failed", "failure": failure.to_json()}


def _inspect(worker: _Worker, request: dict[str, Any]) -> dict[str, Any]:
    text, base = request["text"], request["base"]
    document = documents.read(text)
    process_id = documents.choose(document, base, request.get("workflow"))
    process = documents.load(text, base, process_id, worker.fetch)
    documents.check_reserved(process, text)
    described = describe(process, document, process_id)
    described["document"] = {
        "base": base,
        "text": text,
        "imports": worker.fetched,
        "json": documents.as_json(text),
    }
    return described


def _run(worker: _Worker, request: dict[str, Any]) -> dict[str, Any]:
    document = request["document"]
    worker.fetched.update(document["imports"])
    process = documents.load(
        document["text"], document["base"], request["process_id"], worker.fetch
    )
    run = evaluate.Run(worker.ask, worker.send_step, worker.receive_step)
    return run.execute(process, request["job_order"])


class _Worker:
    """The worker, as the engine sees it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._ended: list[StepDone] = []
        self.fetched: dict[str, str] = {}

    def ask(self, op: str, **arguments: Any) -> Any:
        """Ask and wait; ends of step runs that come meanwhile are kept."""
        self._channel.send({"t": "ask", "op": op, **arguments})
        while True:
            message = self._channel.receive()
            if message["t"] == "done":
                self._ended.append(StepDone.from_json(message["done"]))
                continue
            if "failure" in message:
                raise evaluate.RunFailed(Failure.from_json(message["failure"]))
            if "refused" in message:
                raise documents.Refused(message["refused"])
            return message["value"]

    def fetch(self, url: str) -> str:
        """Give a document that the one at hand refers to."""
        if url not in self.fetched:
            self.fetched[url] = self.ask("fetch", url=url)
        return self.fetched[url]

    def send_step(self, step_run: StepRun) -> None:
        """Ask for a step run without waiting."""
        self._channel.send({"t": "step", "step": step_run.to_json()})

    def receive_step(self, has_to_wait: bool) -> StepDone | None:
        """Give the end of a step run."""
        if self._ended:
            return self._ended.pop(0)
        if not has_to_wait and not self._channel.has_message():
            return None
        return StepDone.from_json(self._channel.receive()["done"])


if __name__ == "__main__":
    sys.setrecursionlimit(3000)
    main(float(sys.argv[1]))
