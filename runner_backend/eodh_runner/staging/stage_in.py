"""Makes what a step run needs exist before its command starts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ..domain.failure import Failure, FailureClass, StepFailed
from ..domain.step import StageEntry, StepRun
from ..store import FILE_SCHEME, Store, key_at


@dataclass(frozen=True)
class Mount:
    """A file or folder of this computer at a path of the tool."""

    source: Path
    target: str
    is_writable: bool
    #: Location of the input it came from.
    location: str | None = None


def stage_in(step_run: StepRun, control: Path, store: Store) -> list[Mount]:
    """Stage every entry; give what must be mounted outside the work folder.

    Inside the work folder (`control/out`) entries are copied or linked there; what
    stands elsewhere is mounted read-only from where it is, or from a private copy when
    the tool may change it.

    Raises
    ------
    StepFailed
        Class input when a file is not there; class document when a target escapes.
    """
    return [
        _stage(entry, number, step_run, control, store) for number, entry in _in_order(step_run)
    ]


def _in_order(step_run: StepRun) -> list[tuple[int, StageEntry]]:
    return sorted(enumerate(step_run.stage), key=lambda item: item[1].target.count("/"))


def _stage(entry: StageEntry, number: int, step_run: StepRun, control: Path, store: Store) -> Mount:
    if ".." in entry.target.split("/") or not entry.target.startswith("/"):
        raise StepFailed(
            Failure(
                FailureClass.DOCUMENT,
                f"the path {entry.target} leaves the folders of the step",
                "Name files of InitialWorkDirRequirement without '..'.",
            )
        )
    is_inside = entry.target.startswith(step_run.workdir + "/")
    inside = control / "out" / entry.target[len(step_run.workdir) + 1 :]
    place = inside if is_inside else control / "stage" / str(number)
    source = source_of(entry, store)
    if source is not None and not entry.is_writable and not is_inside:
        return Mount(source, entry.target, False, entry.location)
    place.parent.mkdir(parents=True, exist_ok=True)
    if source is not None and entry.is_writable and step_run.inplace_update:
        return Mount(source, entry.target, True, entry.location)
    if source is None:
        _make(entry, place)
    elif source.is_dir():
        shutil.copytree(source, place, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, place)
    location = entry.location if not entry.is_writable else None
    return Mount(place, entry.target, entry.is_writable or source is None, location)


def _make(entry: StageEntry, place: Path) -> None:
    if entry.contents is not None:
        place.write_text(entry.contents, encoding="utf-8", errors="surrogateescape")
    elif entry.kind == "directory":
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.touch()


def source_of(entry: StageEntry, store: Store) -> Path | None:
    """Give the file or folder of this computer behind an entry; None for literals."""
    if entry.location is None:
        return None
    if entry.location.startswith(FILE_SCHEME):
        path: Path | None = Path(unquote(entry.location[len(FILE_SCHEME) :]))
    else:
        path = store.local_path(key_at(entry.location))
    if path is None or not path.exists():
        raise StepFailed(
            Failure(
                FailureClass.INPUT,
                f"input {path or entry.location} is not there any more",
                "Put it back, or launch with another file.",
            )
        )
    return path
