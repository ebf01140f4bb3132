"""Where the data folder stands: on a network, locks and SQLite cannot be trusted."""

from __future__ import annotations

import re
from pathlib import Path

NETWORK = re.compile(
    r"nfs4?|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|lustre|beegfs|gpfs"
    r"|fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|ceph-fuse|juicefs)"
)


def refuse_network(folder: Path) -> None:
    """Refuse a folder of a network file system.

    Raises
    ------
    ValueError
        Naming the folder, the file system and the remedy.
    """
    kind = kind_at(folder.absolute())
    if NETWORK.fullmatch(kind):
        raise ValueError(
            f"{folder} is on a network file system ({kind}), where the runner's database is not "
            "safe; set EODH_DATA to a folder of a local disk"
        )


def kind_at(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """Give the type of the file system at a path; empty when it is not known."""
    kind, longest = "", -1
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _, behind = line.partition(" - ")
        mount = Path(_unescaped(before.split()[4]))
        if (path == mount or mount in path.parents) and len(mount.parts) >= longest:
            kind, longest = behind.split()[0], len(mount.parts)
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
