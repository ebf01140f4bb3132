"""One step run: what the engine asks for, and what the executor answers.

Field by field what CWL needs of an executor (CWL v1.2, CommandLineTool); paths are
those the tool sees, locations are of our own two schemes only: `eodh-store:///<key>`
for objects of the store, `eodh-file:///<path>` for files of the computer's user.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: Folders as the tool sees them, the same for every executor, so that keys are stable.
WORKDIR = "/var/spool/cwl"
TMPDIR = "/tmp"  # noqa: S108  the tool's own, private to its sandbox
STAGEDIR = "/var/lib/cwl"

Kind = Literal["file", "directory"]


@dataclass(frozen=True)
class Image:
    """DockerRequirement, as written."""

    pull: str | None = None
    image_id: str | None = None
    load: str | None = None
    file: str | None = None
    import_: str | None = None
    output_directory: str | None = None


@dataclass(frozen=True)
class StageEntry:
    """One file or folder that must exist before the command starts."""

    #: Absolute path as the tool sees it.
    target: str
    kind: Kind
    #: Where the content comes from; None with no `contents` means an empty folder.
    location: str | None = None
    #: Literal content (InitialWorkDirRequirement, file literals).
    contents: str | None = None
    #: True when the tool may change it (a private copy is made).
    is_writable: bool = False
    size_bytes: int | None = None
    #: `sha1$<hex>`.
    checksum: str | None = None


@dataclass(frozen=True)
class StepRun:
    """One run of a CommandLineTool."""

    #: Number within one life of an engine; a restarted engine numbers anew.
    id: int
    #: Identity: step names, scatter indices and loop rounds, outermost first.
    path: tuple[str, ...]
    #: SHA-256 over what determines the outputs; equal in every life of the engine.
    key: str
    #: Identifier of the tool in the document.
    tool: str
    argv: tuple[str, ...]
    env: dict[str, str]
    workdir: str
    tmpdir: str
    image: Image | None
    cores: float
    ram_mib: int
    #: ResourceRequirement.ramMax when given: the hard limit.
    ram_max_mib: int | None
    tmpdir_mib: int
    outdir_mib: int
    has_network: bool
    timelimit_s: float | None
    stage: tuple[StageEntry, ...]
    #: Path as the tool sees it.
    stdin: str | None
    #: Paths relative to the workdir; equal ones share one descriptor.
    stdout: str | None
    stderr: str | None
    success_codes: tuple[int, ...] = ()
    temporary_fail_codes: tuple[int, ...] = ()
    permanent_fail_codes: tuple[int, ...] = ()
    may_reuse: bool = True
    inplace_update: bool = False

    @property
    def name(self) -> str:
        """The path in one string: `water_bodies/0/crop/1`."""
        return "/".join(self.path)

    def to_json(self) -> dict[str, Any]:
        """Give the wire form between engine and worker."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> StepRun:
        """Read the wire form back."""
        return cls(
            **{
                **value,
                "path": tuple(value["path"]),
                "argv": tuple(value["argv"]),
                "image": Image(**value["image"]) if value["image"] else None,
                "stage": tuple(StageEntry(**entry) for entry in value["stage"]),
                "success_codes": tuple(value["success_codes"]),
                "temporary_fail_codes": tuple(value["temporary_fail_codes"]),
                "permanent_fail_codes": tuple(value["permanent_fail_codes"]),
            }
        )


@dataclass(frozen=True)
class ManifestEntry:
    """One entry of what a step run left in its workdir."""

    #: Relative to the workdir, `/` between segments, as named on disk.
    path: str
    kind: Kind
    size_bytes: int = 0
    #: `sha1$<hex>`; None for folders.
    checksum: str | None = None
    #: Set when the entry is a link to an input: that input's location. Its content,
    #: and for a folder its children, are there and not under this step's base.
    location: str | None = None


@dataclass(frozen=True)
class Change:
    """What an earlier location holds now (InplaceUpdateRequirement)."""

    location: str
    kind: Kind
    size_bytes: int = 0
    checksum: str | None = None
    #: Children when it is a folder.
    manifest: tuple[ManifestEntry, ...] = ()


@dataclass(frozen=True)
class Usage:
    """What a step run used, measured by its wrapper."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    #: Largest resident memory of the process tree.
    peak_ram_mib: float = 0.0


@dataclass(frozen=True)
class StepDone:
    """How a step run ended, and what it left."""

    #: The `id` of the StepRun it answers.
    id: int
    #: None when the command never ended by itself; then `failure` says why.
    exit_code: int | None
    #: Location under which relative manifest paths stand; may belong to an older run.
    base: str | None = None
    manifest: tuple[ManifestEntry, ...] = ()
    changed: tuple[Change, ...] = ()
    usage: Usage = field(default_factory=Usage)
    #: Wire form of the Failure when the run cannot count as ended well.
    failure: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the wire form between worker and engine."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> StepDone:
        """Read the wire form back."""
        return cls(
            **{
                **value,
                "manifest": tuple(ManifestEntry(**entry) for entry in value["manifest"]),
                "changed": tuple(
                    Change(
                        **{
                            **change,
                            "manifest": tuple(ManifestEntry(**e) for e in change["manifest"]),
                        }
                    )
                    for change in value["changed"]
                ),
                "usage": Usage(**value["usage"]),
            }
        )


def is_success(step_run: StepRun, exit_code: int) -> bool:
    """Tell whether `exit_code` counts as success (CWL v1.2, successCodes).

    Codes in `success_codes` win, then the two lists of failures, then zero.
    """
    if exit_code in step_run.success_codes:
        return True
    if exit_code in (*step_run.temporary_fail_codes, *step_run.permanent_fail_codes):
        return False
    return exit_code == 0


def log_name(path: tuple[str, ...]) -> str:
    """Give the name of a step run's log: the path joined by dots (`crop.0`)."""
    return ".".join(path)


def step_name(path: str) -> str:
    """Give what step runs of one step share: the path without indices and rounds.

    Examples
    --------
    >>> step_name("water_bodies/0/crop/1")
    'water_bodies/crop'
    """
    names = [part for part in path.split("/") if not part.isdecimal()]
    return "/".join(names) or path
