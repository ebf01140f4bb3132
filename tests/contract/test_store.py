"""One suite for every store."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from dataclasses import replace

import pytest
from eodh_runner.store import ObjectInfo, key_at, key_of, location_of
from eodh_runner.store.folder import FolderStore
from eodh_runner.store.s3 import S3Store
from eodh_runner.store.s3_address import Credentials, S3Address

from ..servers.s3 import ACCESS_KEY, SECRET_KEY


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    return s3_store(request.getfixturevalue("s3_server"), tmp_path)


@pytest.fixture
def folder_store(tmp_path):
    return FolderStore(tmp_path / "store")


def s3_store(server, tmp_path, **more):
    bucket = server.bucket("b" + hashlib.sha1(str(tmp_path).encode()).hexdigest()[:20])
    credentials = tmp_path / "credentials"
    credentials.write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
    address = S3Address(bucket, "some/prefix", server.endpoint, credentials=credentials)
    return S3Store(replace(address, **more))


def keys(store, *args, **kwargs):
    return [info.key for info in store.list(*args, **kwargs)]


def test_put_then_read_gives_the_bytes_and_ranges(store):
    store.put("ws/a", b"0123456789")

    assert store.read("ws/a") == b"0123456789"
    assert store.read("ws/a", 3, 4) == b"3456"
    assert store.read("ws/a", 8, 100) == b"89"
    assert store.read("ws/a", 20) == b""
    assert store.stat("ws/a") == ObjectInfo("ws/a", 10)


def test_put_again_replaces_the_object(store):
    store.put("ws/a", b"old and long")
    store.put("ws/a", b"new")

    assert store.read("ws/a") == b"new"


def test_put_file_copies_and_leaves_the_source(store, tmp_path):
    source = tmp_path / "f"
    source.write_bytes(b"x" * 100_000)

    store.put_file("ws/d/f", source)

    assert store.stat("ws/d/f") == ObjectInfo("ws/d/f", 100_000)
    assert source.exists()


@pytest.mark.parametrize(
    "key",
    [
        *("ws/none", "ws/a/below", "ws/" + "n" * 300, "ws"),
        *("ws/301", "ws/416", "ws/Forbidden", "ws/AccessDenied", "ws/NoSuchBucket"),
    ],
)
def test_read_object_that_is_not_there_raises(store, key):
    store.put("ws/a", b"")

    with pytest.raises(FileNotFoundError):
        store.read(key)
    assert store.stat(key) is None


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/../b", "a/.", "../a", "a/\0", "a/"])
def test_key_that_leaves_the_store_is_refused(store, key):
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, b"")
    with pytest.raises(ValueError, match="not a key"):
        store.read(key)
    with pytest.raises(ValueError, match="not a key"):
        store.delete(key)


def test_list_gives_all_below_in_key_order(store):
    for key in ("ws/p/b/c", "ws/p/b.x", "ws/p/a", "ws/p/b/d/e", "ws/p2/z", "ws/p/\u00e9", "ws/pp"):
        store.put(key, b"1")

    assert keys(store, "ws/p") == ["ws/p/a", "ws/p/b.x", "ws/p/b/c", "ws/p/b/d/e", "ws/p/\u00e9"]
    assert keys(store, "ws/none") == []
    assert keys(store, "ws/pp") == []


def test_list_pages_by_key_without_gap_or_repeat(store):
    expected = sorted(f"ws/p/{n % 3}/{n:03d}" for n in range(25))
    for key in expected:
        store.put(key, b"")

    found, after = [], ""
    while page := keys(store, "ws/p", after, 4):
        assert len(page) <= 4
        found += page
        after = page[-1]

    assert found == expected


def test_adopt_takes_the_folder_and_doing_it_again_changes_nothing(store, tmp_path):
    folder = tmp_path / "out"
    (folder / "d").mkdir(parents=True)
    (folder / "d" / "f").write_bytes(b"x")

    store.adopt("ws/j/out", folder)
    store.adopt("ws/j/out", folder)

    assert not folder.exists()
    assert keys(store, "ws/j/out") == ["ws/j/out/d/f"]
    folder.mkdir()
    store.adopt("ws/j/out", folder)
    assert not folder.exists()
    assert store.read("ws/j/out/d/f") == b"x"


def test_adopt_folder_of_another_file_system_copies_it(folder_store, tmp_path, monkeypatch):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "f").write_bytes(b"x")
    rename = os.rename
    across = OSError(18, "Invalid cross-device link")

    def refuse(source, target, **_):
        if str(source) == str(folder):
            raise across
        rename(source, target)

    monkeypatch.setattr("pathlib.os.rename", refuse)
    folder_store.adopt("ws/j/out", folder)

    assert folder_store.read("ws/j/out/f") == b"x"
    assert not folder.exists()


def test_delete_removes_object_and_all_below_and_is_idempotent(store):
    store.put("ws/j/a", b"")
    store.put("ws/j/d/b", b"")
    store.put("ws/jj", b"")

    store.delete("ws/j")
    store.delete("ws/j")
    store.delete("ws/j/d")

    assert keys(store, "ws") == ["ws/jj"]


def test_hostile_names_come_back_by_their_locations(store, shared):
    import json

    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    names += ["%1B", "%251B", "a%25", "%7f", "%7F\x7f", "a+b & c=d?e#f", "\ufffe%EF%BF%BE"]
    for name in names:
        store.put(f"ws/out/{name}", name.encode())

    assert sorted(keys(store, "ws/out")) == sorted(f"ws/out/{name}" for name in names)
    for name in names:
        assert store.read(key_at(location_of(f"ws/out/{name}"))) == name.encode()
        store.put(f"ws/in/{key_of(name)}", b"x")


def test_put_while_others_read_is_seen_whole_or_not_at_all(store):
    store.put("ws/a", b"0" * 1_000_000)
    seen, is_over = set(), threading.Event()

    def read():
        while not is_over.is_set():
            data = store.read("ws/a")
            seen.add((len(data), len(set(data))))

    reader = threading.Thread(target=read)
    reader.start()
    for digit in (b"1", b"2", b"3", b"4") * 5:
        store.put("ws/a", digit * 1_000_000)
    is_over.set()
    reader.join()

    assert seen == {(1_000_000, 1)}


def test_put_that_fails_leaves_nothing_behind(folder_store, tmp_path):
    with pytest.raises(FileNotFoundError):
        folder_store.put_file("ws/f", tmp_path / "none")

    assert folder_store.stat("ws/f") is None
    assert [p for p in (tmp_path / "store").rglob("*") if p.is_file()] == []


def test_put_stream_reads_the_source_once(store):
    class Source(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    source = Source(b"0123456789" * 3_500_000)
    store.put_stream("ws/a", source)

    assert source.taken == 35_000_000
    assert store.stat("ws/a") == ObjectInfo("ws/a", 35_000_000)
    assert store.read("ws/a", 20_000_001, 4) == b"1234"


@pytest.mark.parametrize("size", [0, 5, 40_000_000])
def test_get_file_gives_the_bytes_of_put_file(store, tmp_path, size):
    source, target = tmp_path / "source", tmp_path / "some" / "target"
    source.write_bytes(os.urandom(1 << 20) * (size >> 20) if size > 5 else b"x" * size)
    store.put_file("ws/a", source)

    store.get_file("ws/a", target)

    assert target.read_bytes() == source.read_bytes()
    assert os.listdir(target.parent) == ["target"]


def test_get_file_that_is_not_there_raises_and_leaves_no_file(store, tmp_path):
    with pytest.raises(FileNotFoundError):
        store.get_file("ws/none", tmp_path / "target")

    assert not (tmp_path / "target").exists()


def test_folder_comes_back_with_its_empty_folders(store, tmp_path):
    folder = tmp_path / "out"
    for name in ("a/b", "empty", "c/none"):
        (folder / name).mkdir(parents=True)
    (folder / "a/b/f").write_bytes(b"x")
    store.adopt("ws/j/out", folder)

    store.get_folder("ws/j/out", tmp_path / "back")
    store.get_folder("ws/j/out/empty", tmp_path / "nothing")

    back = tmp_path / "back"
    assert sorted(p.relative_to(back).as_posix() for p in back.rglob("*")) == [
        *("a", "a/b", "a/b/f", "c", "c/none", "empty")
    ]
    assert store.has_folder("ws/j/out/empty")
    assert not store.has_folder("ws/j/out/none")
    assert (tmp_path / "nothing").is_dir()
    assert keys(store, "ws/j") == ["ws/j/out/a/b/f"]
    with pytest.raises(FileNotFoundError):
        store.get_folder("ws/j/out/none", tmp_path / "none")


def test_delete_takes_more_than_one_page(store, tmp_path):
    folder = tmp_path / "out"
    for number in range(1203):
        path = folder / str(number % 7) / f"{number:05d}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    store.adopt("ws/j", folder)
    assert len(keys(store, "ws/j", limit=5000)) == 1203

    store.delete("ws/j")

    assert keys(store, "ws") == []


def children(store, *args):
    return [(child.place, child.size_bytes) for child in store.children(*args)]


def test_children_are_what_stands_directly_in_a_folder(store):
    for key in ("ws/p/b/c", "ws/p/b.x", "ws/p/a", "ws/p/b/d/e", "ws/p/b0", "ws/p2/z", "ws/pp"):
        store.put(key, b"12")

    assert children(store, "ws/p") == [("a", 2), ("b.x", 2), ("b/", 0), ("b0", 2)]
    assert children(store, "ws/p/b") == [("c", 2), ("d/", 0)]
    assert children(store, "ws/none") == []
    assert children(store, "ws/pp") == []


def test_children_page_by_place_without_gap_or_repeat(store):
    names = [f"{n:02d}/x" if n % 3 else f"{n:02d}" for n in range(17)] + ["03.a", "04-/x", "04.b"]
    for name in names:
        store.put(f"ws/p/{name}", b"")
    expected = sorted(name.replace("/x", "/") for name in names)

    found, after = [], ""
    while page := [place for place, _ in children(store, "ws/p", after, 4)]:
        assert len(page) <= 4
        found += page
        after = page[-1]

    assert found == expected


def test_children_hold_empty_folders_and_hostile_names(store, tmp_path, shared):
    import json

    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    for name in names:
        store.put(f"ws/out/f/{name}", b"x")
        store.put(f"ws/out/d/{name}/below", b"x")
    (tmp_path / "out/empty").mkdir(parents=True)
    store.adopt("ws/made", tmp_path / "out")

    assert sorted(place for place, _ in children(store, "ws/out/f")) == sorted(names)
    assert sorted(place for place, _ in children(store, "ws/out/d")) == sorted(
        f"{name}/" for name in names
    )
    assert children(store, "ws/made") == [("empty/", 0)]
    assert children(store, "ws/made/empty") == []
