"""An image's files as the root of a bubblewrap sandbox, without a container engine's start."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...domain.failure import Failure, FailureClass, StepFailed
from ...image.engine import ContainerEngine
from ...image.resolve import Resolved

MOUNT_S = 60
#: The sandbox has its own.
OWN = ("/proc", "/dev", "/sys")
MAX_LINKS = 40


def mount_image(engine: ContainerEngine, image: Resolved) -> Path:
    """Give the folder with the files of an image; podman as root keeps it mounted.

    Raises
    ------
    StepFailed
        Class image.
    """
    try:
        answer = engine.ask("image", "mount", image.id.removeprefix("sha256:"), timeout_s=MOUNT_S)
        told = answer.stderr.decode("utf-8", "replace").strip()
        if answer.returncode == 0:
            return Path(answer.stdout.decode().strip())
    except (OSError, subprocess.TimeoutExpired) as error:
        told = str(error)
    raise StepFailed(
        Failure(
            FailureClass.IMAGE,
            f"the image {image.id[:19]} cannot be mounted: {told}",
            "Set EODH_CONTAINERS=podman, which starts it the ordinary way.",
        )
    )


def root_options(root: Path, targets: Iterable[str]) -> list[str]:
    """Give bubblewrap's options that show an image, read-only, with room for `targets`.

    A folder that holds a target is made anew with the image's entries bound one by one, since
    nothing can be mounted at a path that a read-only image does not have.
    """
    paths = {posixpath.normpath(target) for target in targets}
    open_folders = {parent for path in paths for parent in _parents(path)}
    return list(_show(root, "/", paths, open_folders))


def inside(root: Path, path: str, depth: int = 0) -> Path:
    """Give the file that a path names within an image: links are read as the image means them."""
    current = root
    for part in posixpath.normpath(path).split("/"):
        if part in ("", "."):
            continue
        above, current = current, current / part
        if current.is_symlink() and depth < MAX_LINKS:
            shown = "/" + str(above.relative_to(root))
            current = inside(root, posixpath.join(shown, os.readlink(current)), depth + 1)
    return current


def _show(root: Path, folder: str, targets: set[str], open_folders: set[str]) -> Iterator[str]:
    real = inside(root, folder)
    for name in sorted(os.listdir(real)) if real.is_dir() else ():
        path, source = posixpath.join(folder, name), real / name
        if path in targets or path in OWN:
            continue
        if path in open_folders:
            yield from ("--dir", path)
            yield from _show(root, path, targets, open_folders)
        elif source.is_symlink():
            yield from ("--symlink", os.readlink(source), path)
        else:
            yield from ("--ro-bind", str(source), path)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[1:-1]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
