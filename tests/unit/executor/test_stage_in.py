"""What exists before a command starts."""

import pytest
from eodh_runner.domain.failure import StepFailed
from eodh_runner.domain.step import STAGEDIR, WORKDIR, StageEntry
from eodh_runner.staging.stage_in import Mount, stage_in
from eodh_runner.store import location_of
from eodh_runner.store.folder import FolderStore

from .test_argv import make_step_run


class FarStore(FolderStore):
    """A store whose objects are not local files."""

    def local_path(self, key):
        return None


@pytest.fixture
def staged(tmp_path):
    (tmp_path / "out").mkdir()
    store = FarStore(tmp_path / "store")

    def stage(*entries, **fields):
        return stage_in(make_step_run(stage=entries, **fields), tmp_path, store)

    stage.store, stage.out = store, tmp_path / "out"
    return stage


def test_stage_objects_that_are_not_local_are_fetched_whole(staged):
    for name in ("a", "d/b"):
        staged.store.put(f"ws/in/{name}", name.encode())

    result = staged(
        StageEntry(f"{STAGEDIR}/1/in", "directory", location_of("ws/in")),
        StageEntry(f"{STAGEDIR}/2/b", "file", location_of("ws/in/d/b")),
    )

    folder, file = result.mounts
    assert (folder.source / "a").read_bytes() == b"a"
    assert (folder.source / "d" / "b").read_bytes() == b"d/b"
    assert file.source.read_bytes() == b"d/b"
    assert result.links == {m.target: m.location for m in result.mounts}


def test_stage_entries_within_others_are_put_into_one_private_folder(staged, tmp_path):
    source = tmp_path / "user"
    source.mkdir()
    (source / "f").write_text("f")
    place = f"eodh-file://{source}"

    result = staged(
        StageEntry(f"{STAGEDIR}/d/x/g", "file", f"{place}/f"),
        StageEntry(f"{STAGEDIR}/d", "directory"),
        StageEntry(f"{STAGEDIR}/d/x", "directory", place),
        StageEntry(f"{WORKDIR}/deep/er/h", "file", contents="h"),
    )

    (mount,) = result.mounts
    assert mount == Mount(tmp_path / "stage/1/entry", f"{STAGEDIR}/d", True, None, True)
    assert sorted(p.name for p in (mount.source / "x").iterdir()) == ["f", "g"]
    assert (staged.out / "deep" / "er" / "h").read_text() == "h"
    assert [p.name for p in source.iterdir()] == ["f"]


def test_stage_input_in_workdir_is_mounted_on_an_empty_file(staged, tmp_path):
    (tmp_path / "f").write_text("content")
    entry = StageEntry(f"{WORKDIR}/f", "file", f"eodh-file://{tmp_path}/f")

    result = staged(entry)

    assert result.mounts == [Mount(tmp_path / "f", entry.target, False, entry.location)]
    assert (staged.out / "f").read_bytes() == b""


@pytest.mark.parametrize(
    "location",
    ["eodh-store:///ws/none", "eodh-store:///../x", "file:///etc/passwd", "eodh-file:///none"],
)
def test_stage_input_that_is_not_there_raises_class_input(staged, location):
    with pytest.raises(StepFailed) as caught:
        staged(StageEntry(f"{STAGEDIR}/x", "file", location))

    assert caught.value.failure.kind == "input"
