"""The same names and keys in every life of an engine.

cwltool draws UUIDs, counts names in order of completion and shuffles steps; here each
of these depends on the step path alone.
"""

from __future__ import annotations

import functools
import locale
import random
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import cwltool.command_line_tool
import cwltool.utils
import cwltool.workflow
import cwltool.workflow_job
from cwltool.errors import WorkflowException
from cwltool.process import shortname


class Scope:
    """The step path that is being evaluated, and a counter for each."""

    path: ClassVar[tuple[str, ...]] = ()
    _counts: ClassVar[dict[tuple[str, ...], int]] = {}

    @classmethod
    @contextmanager
    def at(cls, path: tuple[str, ...]) -> Iterator[None]:
        """Evaluate at a step path while the block runs; an error then carries the path."""
        before, cls.path = cls.path, path
        try:
            yield
        except Exception as error:
            if not hasattr(error, "step_path"):
                error.step_path = path  # type: ignore[attr-defined]
            raise
        finally:
            cls.path = before

    @classmethod
    def clear(cls) -> None:
        """Count anew."""
        cls._counts.clear()

    @classmethod
    def next_uuid(cls) -> uuid.UUID:
        """Give a UUID made of the path and a counter."""
        number = cls._counts[cls.path] = cls._counts.get(cls.path, 0) + 1
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{'/'.join(cls.path)}#{number}")


class _Uuid:
    """Stands for the module `uuid` in cwltool."""

    uuid4 = staticmethod(Scope.next_uuid)

    def __getattr__(self, name: str) -> Any:
        return getattr(uuid, name)


_names: dict[str, int] = {}


def _unique_name(stem: str, names: Any = None) -> str:
    """Give a name for logs; a counter per stem, since cwltool counts from one each time."""
    number = _names[stem] = _names.get(stem, 0) + 1
    return stem if number == 1 else f"{stem}_{number}"


def _indices(callback: Any) -> list[str]:
    """Give scatter indices and loop rounds, outermost first, from the chain of callbacks."""
    found: list[str] = []
    while isinstance(callback, functools.partial):
        owner = getattr(callback.func, "__self__", None)
        if isinstance(owner, cwltool.workflow_job.ReceiveScatterOutput):
            found.insert(0, str(callback.args[0]))
            callback = owner.output_callback
        else:
            if isinstance(owner, cwltool.workflow_job.WorkflowJobLoopStep):
                found.insert(0, f"i{owner.iteration}")
            break
    return found


class EngineStep(cwltool.workflow_job.WorkflowJobStep):  # type: ignore[misc]
    """A workflow step that knows its path."""

    def job(self, joborder: Any, output_callback: Any, runtime_context: Any) -> Any:
        """Give the step's jobs, each made at the step's path."""
        context = runtime_context.copy()
        context.step_path = (*context.step_path, shortname(self.id), *_indices(output_callback))
        jobs = super().job(joborder, output_callback, context)
        while True:
            with Scope.at(context.step_path):
                try:
                    job = next(jobs)
                except StopIteration:
                    return
                except WorkflowException as error:
                    # cwltool only logs it; the innermost comes first.
                    error.step_path = getattr(error, "step_path", context.step_path)
                    context.failures.append(error)
                    raise
            yield job


class EngineWorkflowJob(cwltool.workflow_job.WorkflowJob):  # type: ignore[misc]
    """A workflow's job that keeps why a step could not be made; cwltool only logs it."""

    def try_make_job(self, step: Any, final_output_callback: Any, runtime_context: Any) -> Any:
        """Give a step's jobs."""
        try:
            yield from super().try_make_job(step, final_output_callback, runtime_context)
        except WorkflowException as error:
            if not hasattr(error, "step_path"):
                error.step_path = (*runtime_context.step_path, shortname(step.id))
            runtime_context.failures.append(error)
            raise


_awake: dict[tuple[str, ...], set[int]] = {}


def wake(path: tuple[str, ...]) -> None:
    """Say that a step run at this path ended: its scatter items may go on."""
    for depth in range(1, len(path)):
        if path[:depth] in _awake and path[depth].isdigit():
            _awake[path[:depth]].add(int(path[depth]))


def _parallel_steps(steps: list[Any], receiver: Any, context: Any) -> Iterator[Any]:
    """Stand for cwltool's, which scans all n items for each job and each completion."""
    index: list[str] = []
    callback = receiver.output_callback
    while isinstance(
        getattr(callback.func, "__self__", None), cwltool.workflow_job.ReceiveScatterOutput
    ):
        index.insert(0, str(callback.args[0]))
        callback = callback.func.__self__.output_callback
    prefix = (*context.step_path, shortname(callback.args[0].id), *index)
    awake = _awake.setdefault(prefix, set())
    waiting = deque(number for number, step in enumerate(steps) if step is not None)
    stops = (context.on_error or "stop") == "stop"

    def has_failed() -> bool:
        return stops and receiver.processStatus not in ("success", "skipped")

    while receiver.completed < receiver.total:
        waiting.extend(sorted(awake))
        awake.clear()
        has_moved = False
        while waiting and not has_failed():
            number = waiting.popleft()
            try:
                for job in steps[number] or ():
                    if job is None:
                        break
                    has_moved = True
                    yield job
                    if has_failed():
                        break
            except WorkflowException as error:
                receiver.receive_scatter_output(number, {}, "permanentFail")
                context.failures.append(error)
        if not has_moved and not awake and receiver.completed < receiver.total:
            yield None
    _awake.pop(prefix, None)


def install() -> None:
    """Put these in the place of cwltool's own."""
    cwltool.workflow_job.uniquename = _unique_name
    cwltool.command_line_tool.uniquename = _unique_name
    cwltool.workflow_job.WorkflowJobStep = EngineStep
    cwltool.workflow.WorkflowJob = EngineWorkflowJob
    cwltool.workflow_job.parallel_steps = _parallel_steps
    cwltool.utils.uuid = _Uuid()
    locale.setlocale(locale.LC_ALL, "C")


def begin() -> None:
    """Make chance the same in every life; called before a document is loaded."""
    random.seed(0)
    Scope.clear()
    _names.clear()
