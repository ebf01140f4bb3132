from pathlib import Path

import pytest
from eodh_runner.file_system import NETWORK, kind_at

MOUNTS = """\
22 1 0:1 / / rw - ext4 /dev/vda rw
30 22 0:2 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 0:3 / /home/u/scratch\\040disk rw - xfs /dev/vdb rw
32 22 0:4 / /data rw - ext4 /dev/vdc rw
33 32 0:5 / /data rw - fuse.sshfs x:/ rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/x", "ext4"),
        ("/home/u", "nfs4"),
        ("/home/u/scratch disk/a", "xfs"),
        ("/homes", "ext4"),
        ("/data/x", "fuse.sshfs"),  # the last mount of a place is the one that is seen
    ],
)
def test_kind_at_path_is_that_of_the_nearest_mount(tmp_path, path, kind):
    (tmp_path / "mountinfo").write_text(MOUNTS)

    assert kind_at(Path(path), tmp_path / "mountinfo") == kind


def test_kind_at_is_unknown_without_a_list_of_mounts(tmp_path):
    assert kind_at(tmp_path, tmp_path / "nothing") == ""


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "lustre", "fuse.s3fs"])
def test_network_file_systems_are_known(kind):
    assert NETWORK.fullmatch(kind)


@pytest.mark.parametrize("kind", ["ext4", "overlay", "tmpfs", "fuse.fuse-overlayfs", "nfsd"])
def test_local_file_systems_pass(kind):
    assert not NETWORK.fullmatch(kind)
