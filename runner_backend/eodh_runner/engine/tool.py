"""CommandLineTools that ask for a step run where cwltool would start a process."""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import posixpath
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cwltool.builder import Builder
from cwltool.command_line_tool import CommandLineTool
from cwltool.context import RuntimeContext
from cwltool.errors import WorkflowException
from cwltool.job import JobBase
from cwltool.pathmapper import MapperEnt, PathMapper
from cwltool.utils import (
    bytes2str_in_dicts,
    visit_class,
    visit_files,
    visit_files_directories,
)
from cwltool.workflow import default_make_tool

from ..domain.failure import Failure, FailureClass
from ..domain.step import STAGEDIR, TMPDIR, WORKDIR, Image, StageEntry, StepDone, StepRun
from .expression import EngineExpression
from .fsaccess import EngineFs, own
from .identity import Scope
from .reason import document_failure

_log = logging.getLogger("cwltool")


class EngineContext(RuntimeContext):  # type: ignore[misc]
    """Every folder is a constant path of the tool; nothing is made on a disk."""

    step_path: tuple[str, ...] = ()

    def get_outdir(self) -> str:
        """Give the work folder."""
        return WORKDIR

    def get_tmpdir(self) -> str:
        """Give the folder for temporary files."""
        return TMPDIR

    def get_stagedir(self) -> str:
        """Give the folder of staged inputs."""
        return STAGEDIR

    create_tmpdir = get_tmpdir
    create_outdir = get_outdir


class EnginePathMapper(PathMapper):  # type: ignore[misc]
    """Numbered stage folders; `resolved` is the location, or the text of a literal."""

    def setup(self, referenced_files: list[Any], basedir: str) -> None:
        """Map every file and folder that the tool refers to."""
        stagedir = self.stagedir
        for index, entry in enumerate(referenced_files):
            if self.separateDirs:
                stagedir = posixpath.join(self.stagedir, f"stg{index}")
            self.visit(entry, stagedir, basedir, copy=bool(entry.get("writable")), staged=True)

    def visit(
        self, obj: Any, stagedir: str, basedir: str, copy: bool = False, staged: bool = False
    ) -> None:
        """Map one file or folder and what belongs to it."""
        location = obj["location"] = own(obj["location"])
        if location in self._pathmap:
            return
        stagedir = obj.get("dirname") or stagedir
        target = posixpath.join(stagedir, obj["basename"])
        if obj["class"] == "Directory":
            kind = "WritableDirectory" if copy else "Directory"
            self._pathmap[location] = MapperEnt(location, target, kind, staged)
            is_literal = staged and location.startswith("_:")
            self.visitlisting(obj.get("listing", []), target, basedir, copy=copy, staged=is_literal)
            return
        if "contents" in obj and location.startswith("_:"):
            EngineFs.files.literals[location] = obj["contents"]
            kind = "CreateWritableFile" if copy else "CreateFile"
            self._pathmap[location] = MapperEnt(obj["contents"], target, kind, staged)
        else:
            kind = "WritableFile" if copy else "File"
            self._pathmap[location] = MapperEnt(location, target, kind, staged)
        others = obj.get("secondaryFiles", [])
        self.visitlisting(others, stagedir, basedir, copy=copy, staged=staged)

    def reversemap(self, target: str) -> tuple[str, str] | None:
        """Give the location behind a path of the tool."""
        for location, entry in self._pathmap.items():
            if entry.target == target:
                return location, location if "Create" in entry.type else entry.resolved
        return None


class EngineBuilder(Builder):  # type: ignore[misc]
    """Fills sizes and checksums before outputEval; prints numbers as decimals."""

    def do_eval(
        self,
        ex: Any,
        context: Any = None,
        recursive: bool = False,
        strip_whitespace: bool = True,
    ) -> Any:
        """Evaluate an expression."""
        if isinstance(context, list):
            visit_files(context, fill_in)
        return super().do_eval(ex, context, recursive, strip_whitespace)

    def tostr(self, value: Any) -> str:
        """Give a value as text of a command line."""
        if type(value) is float and "e" in repr(value):
            return format(Decimal(repr(value)), "f")
        return str(super().tostr(value))


def fill_in(file: dict[str, Any]) -> None:
    """Fill size and checksum of a File from the manifest or its literal."""
    location = file.get("location", "")
    if location.startswith("_:") or not location:
        if "contents" not in file and location in EngineFs.files.literals:
            file["contents"] = EngineFs.files.literals[location]
        if "contents" in file:
            data = file["contents"].encode()
            file["size"] = len(data)
            digest = hashlib.sha1(data, usedforsecurity=False)
            file["checksum"] = "sha1$" + digest.hexdigest()
        return
    node = EngineFs.files.stat(location)
    if node is not None:
        if node.get("size_bytes") is not None:
            file.setdefault("size", node["size_bytes"])
        if node.get("checksum"):
            file.setdefault("checksum", node["checksum"])


def make_canonical(entry: dict[str, Any]) -> None:
    """Replace a location by the one the manifest gives (links to inputs)."""
    location = entry.get("location", "_:")
    if location.startswith("/"):
        location = "eodh-file://" + location
    if location.startswith("_:"):
        return
    node = EngineFs.files.stat(location)
    if node is not None:
        entry["location"] = node["location"]


class EngineTool(CommandLineTool):  # type: ignore[misc]
    """A CommandLineTool whose jobs are `StepJob`s."""

    def _init_job(self, joborder: Any, runtime_context: Any) -> Any:
        builder = super()._init_job(joborder, runtime_context)
        builder.__class__ = EngineBuilder
        return builder

    def make_job_runner(self, runtime_context: Any) -> Callable[..., JobBase]:
        """Give what makes the jobs."""
        return functools.partial(StepJob, context=runtime_context, tool_object=self)


def make_tool(obj: Any, loading_context: Any) -> Any:
    """Make a process of a document's object."""
    visit_class(obj, ("File", "Directory"), _make_own)
    if obj.get("class") == "CommandLineTool":
        return EngineTool(obj, loading_context)
    if obj.get("class") == "ExpressionTool":
        return EngineExpression(obj, loading_context)
    return default_make_tool(obj, loading_context)


def _make_own(entry: dict[str, Any]) -> None:
    if isinstance(entry.get("location"), str):
        entry["location"] = own(entry["location"])


class StepJob(JobBase):  # type: ignore[misc]
    """One step run: asked for, not run."""

    def __init__(self, *args: Any, context: Any, tool_object: Any) -> None:
        super().__init__(*args)
        self.context, self._tool = context, tool_object

    def run(self, *_: Any, **__: Any) -> None:
        """Never called: the loop asks for the step run instead."""
        raise AssertionError("a StepJob is asked for, not run")

    def _required_env(self) -> dict[str, str]:
        return {"HOME": self.builder.outdir, "TMPDIR": self.builder.tmpdir}

    def step_run(self, number: int) -> StepRun:
        """Give the step run to ask for; raises WorkflowException."""
        builder, resources = self.builder, self.builder.resources
        argv = tuple(str(word) for word in self.command_line)
        if not argv:
            raise WorkflowException("the command line is empty")
        docker, _ = self.get_requirement("DockerRequirement")
        reuse, _ = self.get_requirement("WorkReuse")
        run = StepRun(
            id=number,
            path=self.context.step_path or (self._own_name(),),
            key="",
            tool=str(self._tool.tool.get("id", "")).rsplit("#", 1)[-1],
            argv=argv,
            env={str(k): str(v) for k, v in self.environment.items()},
            workdir=builder.outdir,
            tmpdir=builder.tmpdir,
            image=_image(docker),
            cores=float(resources["cores"]),
            ram_mib=int(resources["ram"]),
            ram_max_mib=self._ram_max(),
            tmpdir_mib=int(resources["tmpdirSize"]),
            outdir_mib=int(resources["outdirSize"]),
            has_network=bool(self.networkaccess),
            timelimit_s=float(self.timelimit) if self.timelimit else None,
            stage=tuple(self._stage()),
            stdin=self._stdin(),
            stdout=self.stdout,
            stderr=self.stderr,
            success_codes=tuple(self.successCodes),
            temporary_fail_codes=tuple(self.temporaryFailCodes),
            permanent_fail_codes=tuple(self.permanentFailCodes),
            may_reuse=bool(reuse.get("enableReuse", True)) if reuse else True,
            inplace_update=bool(self.inplace_update),
        )
        return _with_key(run)

    def _own_name(self) -> str:
        return (
            str(self._tool.tool.get("id", "tool")).rsplit("#", 1)[-1].rsplit("/", 1)[-1] or "tool"
        )

    def _ram_max(self) -> int | None:
        requirement, _ = self.get_requirement("ResourceRequirement")
        limit = (requirement or {}).get("ramMax")
        if isinstance(limit, str):
            limit = self.builder.do_eval(limit)
        return int(limit) if isinstance(limit, int | float) else None

    def _stdin(self) -> str | None:
        if not self.stdin or self.stdin.startswith("/"):
            return str(self.stdin) if self.stdin else None
        return f"{self.builder.outdir}/{self.stdin}"

    def _stage(self) -> list[StageEntry]:
        listing = self.generatefiles["listing"]
        generated = self.make_path_mapper(listing, self.builder.outdir, self.context, False)
        entries: list[StageEntry] = []
        taken: dict[str, str] = {}
        for mapper in (self.pathmapper, generated):
            for location, entry in mapper.items():
                if entry.type and "File" in entry.type:
                    first = taken.setdefault(entry.target, entry.resolved)
                    if first != entry.resolved:
                        raise WorkflowException(
                            f"two files would be staged to {entry.target}: {first} and "
                            f"{entry.resolved}"
                        )
                if entry.staged:
                    entries.append(_stage_entry(location, entry))
        return entries

    def finish(self, done: StepDone) -> Failure | None:
        """Evaluate the outputs; gives why the step counts as failed, if it does."""
        with Scope.at(self.context.step_path):
            outputs: dict[str, Any] = {}
            status, failure = self._status(done)
            if done.exit_code is not None and done.base is not None:
                EngineFs.files.add_manifest(done.base, [vars(entry) for entry in done.manifest])
                for change in done.changed:
                    manifest = [vars(entry) for entry in change.manifest]
                    EngineFs.files.change({**vars(change), "manifest": manifest})
                try:
                    outputs = bytes2str_in_dicts(self.collect_outputs(done.base, done.exit_code))
                    visit_files_directories(outputs, make_canonical)
                    visit_files(outputs, fill_in)
                except Exception as error:  # noqa: BLE001  an expression may raise anything
                    status = "permanentFail"
                    failure = failure or document_failure(error, self.context.step_path)
            self.output_callback(outputs, status)
            return failure

    def _status(self, done: StepDone) -> tuple[str, Failure | None]:
        name, code = "/".join(self.context.step_path) or self._own_name(), done.exit_code
        failure = Failure.from_json(done.failure) if done.failure else None
        if failure is not None and failure.step is None:
            failure = replace(failure, step=name)
        if code is None:
            return "permanentFail", failure
        if failure is not None and (code == 0 or done.base is None):
            return "permanentFail", failure
        if code in self.successCodes:
            return "success", None
        is_temporary = code in self.temporaryFailCodes
        if code == 0 and code not in self.permanentFailCodes and not is_temporary:
            return "success", None
        failure = failure or Failure(
            FailureClass.COMMAND,
            f"{name} ended with code {code}",
            "See its log; change the input or the command.",
            step=name,
            exit_code=code,
        )
        return "temporaryFail" if is_temporary else "permanentFail", failure


def _image(docker: dict[str, Any] | None) -> Image | None:
    if not docker:
        return None
    return Image(
        pull=docker.get("dockerPull") or docker.get("dockerImageId"),
        image_id=docker.get("dockerImageId"),
        load=docker.get("dockerLoad"),
        file=str(docker["dockerFile"]) if "dockerFile" in docker else None,
        import_=docker.get("dockerImport"),
        output_directory=docker.get("dockerOutputDirectory"),
    )


def _stage_entry(location: str, entry: Any) -> StageEntry:
    kind = "directory" if "Directory" in entry.type else "file"
    is_writable = "Writable" in entry.type
    if "Create" in entry.type:
        return StageEntry(entry.target, "file", contents=entry.resolved, is_writable=is_writable)
    if location.startswith("_:"):
        return StageEntry(entry.target, "directory", is_writable=is_writable)
    node = EngineFs.files.stat(location)
    if node is None:
        raise WorkflowException(f"input {location} is not there")
    return StageEntry(
        entry.target,
        "directory" if kind == "directory" else "file",
        location=node["location"],
        is_writable=is_writable,
        size_bytes=node.get("size_bytes"),
        checksum=node.get("checksum"),
    )


def _with_key(run: StepRun) -> StepRun:
    """Give the step run with its key: content and command, no ids and no places."""
    value = run.to_json()
    wanted = [
        "argv",
        "env",
        "image",
        "workdir",
        "has_network",
        "stdin",
        "stdout",
        "stderr",
        "cores",
        "ram_mib",
    ]
    identity = {name: value[name] for name in wanted}
    stage = []
    for entry in value["stage"]:
        if entry["checksum"]:
            entry = {**entry, "location": None, "size_bytes": None}
        stage.append(entry)
    identity["stage"] = sorted(stage, key=lambda entry: str(entry["target"]))
    text = json.dumps(identity, sort_keys=True)
    return replace(run, key=hashlib.sha256(text.encode()).hexdigest())
