"""The seam to whatever runs one step run: a computer, a cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from ..domain.step import Image, StepDone, StepRun
from ..image.resolve import Resolved
from ..store import key_of, log_key


@dataclass(frozen=True)
class StepOrder:
    """One attempt at a step run."""

    workspace: str
    job_id: str
    step_run: StepRun
    #: Counted from 1.
    attempt: int
    #: Unique within the job, names the log.
    log: str
    #: What `find_image` gave; None for a command that runs without an image.
    image: Resolved | None = None
    #: True when nobody can have begun this attempt before.
    is_new: bool = False

    @property
    def base_key(self) -> str:
        """Store key of this attempt's objects; one writer, never rewritten."""
        path = key_of(self.workspace, "jobs", self.job_id, "steps", *self.step_run.path)
        return f"{path}/{self.attempt}"

    @property
    def log_key(self) -> str:
        """Store key under which the chunks of this step run's log stand."""
        return log_key(self.workspace, self.job_id, self.log, self.attempt)


#: Called from the event loop: (what, value) with "started" (name of the node or None), "log"
#: (bytes stored so far), "waiting" (reason).
Report = Callable[[str, object], None]


class Executor(Protocol):
    """Runs step runs; finds those of an earlier life again by their order."""

    #: Shown in the job, in `/health` and in measurements: "local", "kubernetes".
    name: str
    #: True when step runs see the store alone, and no file of the runner's computer.
    is_remote: bool

    async def start(self) -> None:
        """Find out whether it can run anything; raises ValueError with the remedy."""
        ...

    async def stop(self) -> None:
        """Let go of everything but the step runs, which live on."""
        ...

    def describe(self) -> dict[str, object]:
        """Give what `/health` shows: isolation in force, container engine, cores, memory."""
        ...

    def check(self, step_run: StepRun) -> None:
        """Raise `StepFailed` when this step run can never run here."""
        ...

    async def find_image(self, image: Image, report: Report) -> Resolved | None:
        """Give what an image's name means now, and bring it here; None where none is used.

        A job asks once for each name, and runs all its steps with that answer.
        Raises `StepFailed` of class image when it cannot be had.
        """
        ...

    async def run(self, order: StepOrder, report: Report) -> StepDone:
        """Run one attempt to its end, or join it when it runs or ended already.

        A failure of the command is a StepDone with its exit code; what kept the
        command from running or ending is a StepDone with `failure`. Cancelling
        the call leaves the step run alone (a restarted runner joins it again).
        """
        ...

    async def dismiss(self, workspace: str, job_id: str) -> None:
        """End every step run of a job with its whole process tree; idempotent."""
        ...

    def forget(self, workspace: str, job_id: str) -> None:
        """Release what a finished job left outside the store."""
        ...

    async def sweep(self, alive: Collection[tuple[str, str]]) -> None:
        """Release what jobs left that ended in an earlier life.

        Parameters
        ----------
        alive
            Workspace and id of every job that has not ended.
        """
        ...
