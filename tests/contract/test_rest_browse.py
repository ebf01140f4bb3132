"""Results level by level: outputs, lists, records, folders of the store."""

import json

import pytest
from eodh_runner.service import browse as browse_module
from eodh_runner.store import location_of

from .conftest import Real
from .test_store import s3_store

OUT = "ws/jobs/j/out"


@pytest.fixture(params=["folder", "s3"])
def real(request, tmp_path):
    store = None
    if request.param == "s3":
        store = s3_store(request.getfixturevalue("s3_server"), tmp_path)
    real = Real(tmp_path, store)
    yield real
    real.database.close()


def folder(key=OUT, name="out"):
    return {"class": "Directory", "basename": name, "location": location_of(key)}


def file(name, size=None, key=None, **more):
    size = {} if size is None else {"size": size}
    location = location_of(key or f"{OUT}/{name}")
    return {"class": "File", "basename": name, "location": location, **size, **more}


async def level(real, job_id, path="", **query):
    answer = await real.http.get(f"jobs/{job_id}/browse", params={"path": path, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_empty_path_gives_all_outputs_folders_first(real):
    job_id = real.finished(
        {
            "mask": file("mask 1.tif", 5),
            "threshold": 0,
            "stack": folder(),
            "parts": [file("a.csv", 1), file("b.csv", 2)],
            "none": None,
            "words": ["x"],
        }
    )

    found = await level(real, job_id)

    assert found == {
        "path": "",
        "entries": [
            {"name": "parts", "kind": "directory"},
            {"name": "stack", "kind": "directory", "basename": "out"},
            {
                "name": "mask",
                "kind": "file",
                "basename": "mask 1.tif",
                "size_bytes": 5,
                "media_type": "image/tiff; application=geotiff",
                "href": f"jobs/{job_id}/results/mask",
            },
            {"name": "none", "kind": "value", "value": None},
            {"name": "threshold", "kind": "value", "value": 0},
            {"name": "words", "kind": "value", "value": ["x"]},
        ],
        "next": None,
        "total": 6,
    }


async def test_href_of_an_entry_gives_its_bytes(real):
    real.store.put(f"{OUT}/deep/ä #?.txt", b"words")
    job_id = real.finished({"out": folder()})

    (entry,) = (await level(real, job_id, "out/deep"))["entries"]

    assert entry["name"] == "ä #?.txt"
    assert (await real.http.get(entry["href"])).content == b"words"


async def test_items_of_a_list_stand_in_its_order(real):
    job_id = real.finished({"tiles": [file(f"{n}.tif", n) for n in range(12)]})

    found = await level(real, job_id, "tiles", limit=3, after="8")

    assert [(e["name"], e["basename"]) for e in found["entries"]] == [
        ("9", "9.tif"),
        ("10", "10.tif"),
        ("11", "11.tif"),
    ]
    assert (found["next"], found["total"]) == (None, 12)


async def test_records_literal_folders_and_secondary_files_are_levels(real):
    job_id = real.finished(
        {
            "r": {"inner": {"f": file("f.txt", 1), "n": 7}},
            "d": {"class": "Directory", "basename": "d", "listing": [file("x.txt", 2), folder()]},
            "s": file("s.tif", 1, secondaryFiles=[file("s.tif.ovr", 2)]),
        }
    )

    record = await level(real, job_id, "r/inner")
    literal = await level(real, job_id, "d")
    secondary = await level(real, job_id, "s")

    assert [(e["name"], e["kind"]) for e in record["entries"]] == [("f", "file"), ("n", "value")]
    assert [(e["name"], e["kind"]) for e in literal["entries"]] == [
        ("out", "directory"),
        ("x.txt", "file"),
    ]
    assert [e["href"] for e in secondary["entries"]] == [f"jobs/{job_id}/results/s/s.tif.ovr"]


async def all_names(real, job_id, path, limit):
    names, after = [], ""
    while after is not None:
        page = await level(real, job_id, path, limit=limit, after=after)
        assert len(page["entries"]) <= limit
        names += [entry["name"] + "/" * (entry["kind"] == "directory") for entry in page["entries"]]
        after = page["next"]
    return names


async def test_folder_of_the_store_pages_folders_first(real):
    for name in ("b/x", "a.txt", "b.txt", "c/d/e", "0"):
        real.store.put(f"{OUT}/{name}", b"12")
    job_id = real.finished({"out": folder()})

    assert await all_names(real, job_id, "out", 2) == ["b/", "c/", "0", "a.txt", "b.txt"]
    assert (await level(real, job_id, "out/c/d"))["entries"][0]["size_bytes"] == 2


async def test_large_folder_pages_in_the_order_of_names(real, monkeypatch):
    monkeypatch.setattr(browse_module, "MAX_SORTED", 5)
    names = ["a", "b/x", "b.txt", "c", "d/x", "e", "f"]
    for name in names:
        real.store.put(f"{OUT}/{name}", b"")
    job_id = real.finished({"out": folder()})
    expected = ["a", "b.txt", "b/", "c", "d/", "e", "f"]

    assert await all_names(real, job_id, "out", 2) == expected
    assert await all_names(real, job_id, "out", 3) == expected
    behind = await level(real, job_id, "out", after="b/", limit=1)
    assert ([e["name"] for e in behind["entries"]], behind["next"]) == (["c"], "c")
    assert "total" not in behind


async def test_hostile_names_are_listed_and_opened_by_their_address(real, shared):
    names = json.loads((shared / "fixtures/hostile/file-names.json").read_text())
    for name in names:
        real.store.put(f"{OUT}/{name}", name.encode())
    job_id = real.finished({"out": folder()})

    found = (await level(real, job_id, "out"))["entries"]

    assert sorted(e["name"] for e in found) == sorted(names)
    for entry in found:
        assert (await real.http.get(entry["href"])).content == entry["name"].encode()


async def test_empty_folder_is_empty_and_one_that_is_not_there_a_problem(real, tmp_path):
    (tmp_path / "made/empty").mkdir(parents=True)
    real.store.adopt(OUT, tmp_path / "made")
    job_id = real.finished({"out": folder(), "n": 1, "f": file("f", 1)})

    assert (await level(real, job_id, "out/empty/"))["entries"] == []
    for path in (
        "out/none",
        "none",
        "n",
        "f",
        "out/..",
        "out/../..",
        "out//x",
        "f/x",
        "out/empty/x",
    ):
        answer = await real.http.get(f"jobs/{job_id}/browse", params={"path": path})
        assert (path, answer.status_code in (400, 404)) == (path, True)
        assert answer.json()["detail"]


async def test_browse_of_a_job_without_results_says_why(real):
    running = await real.http.get(f"jobs/{real.launch().job_id}/browse")
    unknown = await real.http.get("jobs/nowhere/browse")

    assert (running.status_code, running.json()["title"]) == (404, "Result not ready")
    assert (unknown.status_code, unknown.json()["title"]) == (404, "No such job")


async def test_page_behind_a_name_that_is_gone_is_a_problem(real):
    job_id = real.finished({"out": folder(), "x": 1})

    answer = await real.http.get(f"jobs/{job_id}/browse?after=none")

    assert answer.status_code == 404
    assert "list the folder again" in answer.json()["detail"]
