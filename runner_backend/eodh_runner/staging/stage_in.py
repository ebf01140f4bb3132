"""Makes what a step run needs exist before its command starts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
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
    is_writable: bool = False
    #: Location of the input it came from.
    location: str | None = None
    is_folder: bool = False


@dataclass
class Staged:
    """What was staged besides the files made inside the work folder."""

    mounts: list[Mount] = field(default_factory=list)
    #: Location by path of the tool: what stands there is an input, unchanged or shared.
    links: dict[str, str] = field(default_factory=dict)
    #: Inputs the tool changes in place.
    changed: list[Mount] = field(default_factory=list)


def stage_in(
    step_run: StepRun, control: Path, store: Store, rewrite: Callable[[str], str] = str
) -> Staged:
    """Stage every entry below `control`; give what must be mounted.

    Inputs the tool only reads are mounted from where they are; what it may change is
    copied. Literals and copies inside the work folder are made in `control/out`,
    others in `control/stage`.

    Parameters
    ----------
    rewrite
        Applied to literal contents, where paths of the tool are not its real ones.

    Raises
    ------
    StepFailed
        Class input when a file is not there; class document when a target escapes.
    """
    staging = _Staging(step_run, control, store, rewrite)
    for number, entry in sorted(enumerate(step_run.stage), key=lambda it: it[1].target.count("/")):
        staging.add(number, entry)
    return staging.result


class _Staging:
    def __init__(
        self, step_run: StepRun, control: Path, store: Store, rewrite: Callable[[str], str]
    ) -> None:
        self._run, self._control, self._store = step_run, control, store
        self._rewrite = rewrite
        #: Folders that are the step's own, by path of the tool.
        self._own = {step_run.workdir: control / "out"}
        self._targets = {entry.target for entry in step_run.stage}
        self.result = Staged()

    def add(self, number: int, entry: StageEntry) -> None:
        _require_plain(entry.target)
        source = source_of(entry, self._store, self._control / "fetched" / str(number))
        place = self._place(entry.target)
        if source is None or (entry.is_writable and not self._run.inplace_update):
            self._make(number, entry, source, place)
        elif entry.is_writable:
            mount = self._mount(entry, source, place)
            self.result.changed.append(mount)
        elif any(other.startswith(entry.target + "/") for other in self._targets) or (
            place is not None and not self._is_in_workdir(entry.target)
        ):
            self._make(number, entry, source, place)
        else:
            self._mount(entry, source, place)

    def _make(
        self, number: int, entry: StageEntry, source: Path | None, place: Path | None
    ) -> None:
        """Put a literal or a copy into the step's own folders."""
        if place is None:
            place = self._control / "stage" / str(number) / "entry"
            is_writable = entry.is_writable or (entry.kind == "directory" and source is None)
            self.result.mounts.append(
                Mount(place, entry.target, is_writable, None, entry.kind == "directory")
            )
            if entry.kind == "directory":
                self._own[entry.target] = place
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.kind == "directory":
            place.mkdir(exist_ok=True)
            if source is not None:
                shutil.copytree(source, place, dirs_exist_ok=True, ignore_dangling_symlinks=True)
                _allow_writing(place)
        elif source is not None:
            shutil.copy(source, place)
            os.chmod(place, place.stat().st_mode | 0o600)
        else:
            text = self._rewrite(entry.contents or "")
            place.write_bytes(text.encode("utf-8", "surrogateescape"))

    def _mount(self, entry: StageEntry, source: Path, place: Path | None) -> Mount:
        """Show the source itself; a place inside the work folder holds the mount point."""
        is_folder = source.is_dir()
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.mkdir(exist_ok=True) if is_folder else place.touch()
        mount = Mount(source, entry.target, entry.is_writable, entry.location, is_folder)
        self.result.mounts.append(mount)
        self.result.links[entry.target] = str(entry.location)
        return mount

    def _place(self, target: str) -> Path | None:
        owners = [own for own in self._own if target.startswith(own + "/")]
        if not owners:
            return None
        owner = max(owners, key=len)
        return self._own[owner] / target[len(owner) + 1 :]

    def _is_in_workdir(self, target: str) -> bool:
        return target.startswith(self._run.workdir + "/")


def _require_plain(target: str) -> None:
    parts = target.split("/")
    if parts[0] or len(parts) < 2 or any(part in ("", ".", "..") for part in parts[1:]):
        raise StepFailed(
            Failure(
                FailureClass.DOCUMENT,
                f"the path '{target}' leaves the folders of the step",
                "Name the files of InitialWorkDirRequirement without '..'.",
            )
        )


def _allow_writing(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        os.chmod(parent, os.stat(parent).st_mode | 0o700)
        for name in files:
            path = os.path.join(parent, name)
            os.chmod(path, os.stat(path).st_mode | 0o600)


def source_of(entry: StageEntry, store: Store, fetched: Path) -> Path | None:
    """Give the file or folder of this computer behind an entry; None for literals.

    Raises
    ------
    StepFailed
        Class input, when it is not there or cannot be read.
    """
    if entry.location is None:
        return None
    if entry.location.startswith(FILE_SCHEME):
        path = Path(unquote(entry.location[len(FILE_SCHEME) :]))
        shown = str(path)
    else:
        key = _key(entry.location)
        path = store.local_path(key) or _fetch(store, key, entry.kind, fetched)
        shown = entry.location
    is_there = path.is_dir() if entry.kind == "directory" else path.is_file()
    if not is_there or not os.access(path, os.R_OK):
        what = "cannot be read" if is_there else f"is not a {entry.kind} that is there"
        raise _missing(f"input {shown} {what}")
    return path


def _key(location: str) -> str:
    try:
        return key_at(location)
    except ValueError as error:
        raise _missing(f"input {location} has no location that can be staged") from error


def _fetch(store: Store, key: str, kind: str, target: Path) -> Path:
    """Bring objects that are not local files into `target`."""
    bring = store.get_folder if kind == "directory" else store.get_file
    try:
        bring(key, target)
    except FileNotFoundError:
        raise _missing(f"input {key} is not a {kind} that is there") from None
    except OSError as error:
        raise StepFailed(
            Failure(
                FailureClass.STORAGE,
                f"input {key} cannot be brought: {error.strerror or error}",
                "Look at the store and its credentials, and run again.",
            )
        ) from error
    return target


def _missing(message: str) -> StepFailed:
    return StepFailed(
        Failure(FailureClass.INPUT, message, "Put it back, or launch with another file.")
    )
