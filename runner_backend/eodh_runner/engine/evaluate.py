"""One run of a process: asks for step runs, evaluates what comes back."""

from __future__ import annotations

import copy
import functools
import logging
from collections.abc import Callable
from typing import Any

from cwltool.errors import WorkflowException
from cwltool.mutation import MutationManager
from cwltool.process import add_sizes, shortname
from cwltool.update import ORIGINAL_CWLVERSION
from cwltool.utils import (
    adjustDirObjs,
    normalizeFilesDirs,
    trim_listing,
    visit_files,
    visit_files_directories,
)
from schema_salad.ref_resolver import Loader

from ..domain.failure import Failure, FailureClass
from ..domain.step import STAGEDIR, TMPDIR, WORKDIR, StepDone, StepRun
from .fsaccess import Ask, EngineFs, Files, own
from .identity import Scope, wake
from .reason import document_failure
from .tool import EngineContext, EnginePathMapper, StepJob, fill_in

REQUIREMENTS = "https://w3id.org/cwl/cwl#requirements"
SHORT_REQUIREMENTS = "cwl:requirements"
_log = logging.getLogger("cwltool")


class RunFailed(Exception):
    """The run ended without results; carries why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Run:
    """A single-threaded loop over the jobs of a process.

    Parameters
    ----------
    send
        Asks for a step run; does not wait.
    receive
        Gives the end of a step run; with False, None when none waits.
    """

    def __init__(
        self,
        ask: Ask,
        send: Callable[[StepRun], None],
        receive: Callable[[bool], StepDone | None],
    ) -> None:
        EngineFs.files = Files(ask)
        self._send, self._receive = send, receive
        self._flight: dict[int, StepJob] = {}
        self._count = 0
        self._failure: Failure | None = None

    def execute(self, process: Any, job_order: dict[str, Any]) -> dict[str, Any]:
        """Run to the end; gives the output object.

        Raises
        ------
        RunFailed
            With the first failure.
        """
        context = _context()
        final: list[tuple[dict[str, Any], str]] = []
        try:
            order = _prepare(process, job_order)
            self._requirements(process, order)
            jobs = process.job(order, lambda out, status: final.append((out, status)), context)
            for job in jobs:
                if job is None:
                    if not self._flight:
                        break
                    self._take(True)
                elif isinstance(job, StepJob):
                    self._submit(job)
                else:
                    job.run(context)
            while self._flight:
                self._take(True)
        except Exception as error:
            if self._failure is None:
                self._failure = document_failure(error)
            raise RunFailed(self._failure) from error
        outputs, status = final[0] if final else ({}, "permanentFail")
        if status != "success":
            raise RunFailed(self._failure or self._why(context))
        visit_files(outputs, fill_in)
        visit_files_directories(outputs, _tidy)
        plain: dict[str, Any] = plain_values(outputs)
        return plain

    def _why(self, context: Any) -> Failure:
        if context.failures:
            return document_failure(context.failures[0])
        return document_failure(WorkflowException(LastError.text or "the workflow failed"))

    def _requirements(self, process: Any, order: dict[str, Any]) -> None:
        defaults = process.metadata.get("cwl:defaults") or {}
        named = [order.pop(name, None) for name in (REQUIREMENTS, SHORT_REQUIREMENTS)]
        wanted = next(filter(None, named), None) or defaults.get(REQUIREMENTS)
        if wanted:
            if process.metadata.get(ORIGINAL_CWLVERSION) == "v1.0":
                raise WorkflowException("cwl:requirements is not part of CWL v1.0")
            process.requirements.extend(wanted)
        process.visit(_refuse_abstract)

    def _submit(self, job: StepJob) -> None:
        self._count += 1
        try:
            with Scope.at(job.context.step_path):
                step_run = job.step_run(self._count)
        except WorkflowException as error:
            self._fail(document_failure(error, job.context.step_path))
            job.output_callback({}, "permanentFail")
            wake(job.context.step_path)
            return
        self._flight[self._count] = job
        self._send(step_run)

    def _take(self, has_to_wait: bool) -> None:
        done = self._receive(has_to_wait)
        while done is not None:
            job = self._flight.pop(done.id)
            self._fail(job.finish(done))
            wake(job.context.step_path)
            done = self._receive(False) if self._flight else None

    def _fail(self, failure: Failure | None) -> None:
        self._failure = self._failure or failure


class LastError(logging.Handler):
    """Keeps cwltool's last error line: some failures are only logged."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        if record.levelno >= logging.ERROR:
            LastError.text = record.getMessage()


def _context() -> EngineContext:
    context = EngineContext(
        {
            "make_fs_access": EngineFs,
            "path_mapper": EnginePathMapper,
            "basedir": "eodh-store:///",
            "default_container": "none",
            "docker_outdir": WORKDIR,
            "docker_tmpdir": TMPDIR,
            "docker_stagedir": STAGEDIR,
            "compute_checksum": False,
            "use_container": True,
            "toplevel": True,
            "eval_timeout": 20,
        }
    )
    context.workflow_job_step_name_callback = lambda step, inputs: "/".join(Scope.path)
    context.mutation_manager = MutationManager()
    context.failures = []
    return context


def _prepare(process: Any, job_order: dict[str, Any]) -> dict[str, Any]:
    """Give the job order with defaults, sizes and listings, as cwltool's front end does."""
    order = copy.deepcopy(job_order)
    for entry in process.tool["inputs"]:
        name = shortname(entry["id"])
        if "default" in entry and name not in order:
            order[name] = plain_values(copy.deepcopy(entry["default"]))
    spaces = {**order.pop("$namespaces", {}), **process.metadata.get("$namespaces", {})}
    loader = Loader(spaces)
    fs = EngineFs("eodh-store:///")

    def settle(entry: dict[str, Any]) -> None:
        if "location" not in entry and "path" in entry:
            entry["location"] = entry.pop("path")
        if "location" in entry:
            entry["location"] = own(entry["location"])
        if "format" in entry:
            entry["format"] = loader.expand_url(entry["format"], "")

    visit_files_directories(order, settle)
    visit_files(order, functools.partial(add_sizes, fs))
    for entry in _located(order):
        if not fs.exists(entry["location"]):
            raise RunFailed(
                Failure(
                    FailureClass.INPUT,
                    f"input {entry['location']} is not there",
                    "Check the name, then launch again.",
                )
            )
    adjustDirObjs(order, trim_listing)
    normalizeFilesDirs(order)
    for name in ("cwl:tool", "__id", "$schemas", "id"):
        if name not in {shortname(i["id"]) for i in process.tool["inputs"]}:
            order.pop(name, None)
    return order


def _located(value: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    visit_files_directories(value, found.append)
    return [e for e in found if not e.get("location", "_:").startswith("_:")]


def _refuse_abstract(tool: Any) -> None:
    if tool["class"] == "Operation":
        raise WorkflowException("the workflow has an abstract Operation, which cannot run")


def _tidy(entry: dict[str, Any]) -> None:
    for name in ("http://commonwl.org/cwltool#generation", "dirname", "path"):
        entry.pop(name, None)


def plain_values(value: Any) -> Any:
    """Give plain dicts, lists and booleans for what the YAML library made."""
    if type(value).__name__ == "ScalarBoolean":
        return bool(value)
    if isinstance(value, dict):
        return {str(key): plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    return value
