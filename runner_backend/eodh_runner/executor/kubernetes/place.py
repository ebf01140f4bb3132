"""Where things are in the volume of a pod: one rule for the pod, its stage-in and its collect.

The volume is seen whole by our two containers at `/work`. `main` sees folders of it:
`ctl` at `/eodh`, `out` at the work folder, `tmp` at the temporary one, `tree` at the
folder of staged inputs, and `extra/<n>` at each other path that an entry asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...domain.failure import Failure, FailureClass, StepFailed
from ...domain.step import STAGEDIR, StageEntry, StepRun

#: The volume in our own containers, and the control folder in `main`.
VOLUME, CONTROL = Path("/work"), "/eodh"
CREDENTIALS = "/credentials/s3"
#: Folders of a pod that nothing may be staged over.
RESERVED = (CONTROL, "/proc", "/sys", "/dev")


@dataclass(frozen=True)
class Shown:
    """A folder or file of the volume at a path of the tool."""

    #: Relative to the volume.
    source: str
    target: str
    is_read_only: bool = False


def shown(step_run: StepRun) -> list[Shown]:
    """Give what `main` is shown of the volume, besides the control folder."""
    is_fixed = not any(
        entry.is_writable for entry in step_run.stage if _is_below(entry.target, STAGEDIR)
    )
    found = [Shown("out", step_run.workdir), Shown("tmp", step_run.tmpdir)]
    if any(_is_below(entry.target, STAGEDIR) for entry in step_run.stage):
        found.append(Shown("tree", STAGEDIR, is_fixed))
    known = [folder.target for folder in found]
    for number, entry in _by_depth(step_run):
        if any(_is_below(entry.target, target) for target in known):
            continue
        if any(entry.target == r or _is_below(entry.target, r) for r in RESERVED):
            raise StepFailed(
                Failure(
                    FailureClass.DOCUMENT,
                    f"a file is wanted at {entry.target}, which is not the tool's to change",
                    "Choose another path in InitialWorkDirRequirement.",
                )
            )
        known.append(entry.target)
        found.append(Shown(f"extra/{number}", entry.target, not entry.is_writable))
    return found


def place(target: str, folders: list[Shown], volume: Path = VOLUME) -> Path:
    """Give the path in the volume for a path of the tool."""
    owners = [f for f in folders if target == f.target or _is_below(target, f.target)]
    owner = max(owners, key=lambda folder: len(folder.target))
    return volume / owner.source / target[len(owner.target) + 1 :]


def _by_depth(step_run: StepRun) -> list[tuple[int, StageEntry]]:
    return sorted(enumerate(step_run.stage), key=lambda item: item[1].target.count("/"))


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")
