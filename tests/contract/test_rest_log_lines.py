"""Logs by line: pages, search, long lines, logs that grow."""

import asyncio
import tracemalloc

import pytest
from eodh_runner.service import log_lines
from eodh_runner.service.log_lines import BLOCK, LogLines, Wanted
from eodh_runner.store.folder import FolderStore

PROBLEM = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"


async def lines(real, job_id, **query):
    answer = await real.http.get(f"jobs/{job_id}/crop.log/lines", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def search(real, job_id, **query):
    answer = await real.http.get(f"jobs/{job_id}/crop.log/search", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("query", "first", "wanted"),
    [
        ({}, 0, ["a", "", "c", "d"]),
        ({"first": 1, "count": 2}, 1, ["", "c"]),
        ({"first": -2}, 2, ["c", "d"]),
        ({"first": -99, "count": 1}, 0, ["a"]),
        ({"first": 4}, 4, []),
        ({"first": 99}, 99, []),
        ({"count": 0}, 0, []),
    ],
)
async def test_page_of_lines_begins_where_it_is_asked_to(real, query, first, wanted):
    job_id = real.with_log(b"a\n", b"\nc\r\nd", is_over=True)

    assert await lines(real, job_id, **query) == {
        "first": first,
        "lines": wanted,
        "total_lines": 4,
        "size_bytes": 7,
        "is_final": True,
    }


async def test_log_without_a_word_has_no_lines(real):
    job_id = real.with_log()

    assert await lines(real, job_id) == {
        "first": 0,
        "lines": [],
        "total_lines": 0,
        "size_bytes": 0,
        "is_final": False,
    }


async def test_log_that_grows_gives_what_came_since(real):
    job_id = real.with_log(b"one\ntw")
    before = await lines(real, job_id)
    real.append(job_id, b"o\nthree\n")
    after = await lines(real, job_id, first=before["total_lines"] - 1)

    assert (before["lines"], before["total_lines"]) == (["one", "tw"], 2)
    assert (after["lines"], after["total_lines"]) == (["two", "three"], 3)


@pytest.mark.parametrize("seed", range(4))
def test_lines_over_blocks_are_those_of_the_whole_text(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(log_lines, "BLOCK", 16)
    sizes = [(seed * 7 + n * 13) % 40 for n in range(30)]
    text = "\n".join(f"{n}:" + "é" * size for n, size in enumerate(sizes)) + "\n" * (seed % 2)
    data = text.encode()
    store = FolderStore(tmp_path / "store")
    for start in range(0, len(data), 11 + seed):
        store.put(f"log/{start:09d}", data[start : start + 11 + seed])
    reader = LogLines(store)
    wanted = text.removesuffix("\n").split("\n")

    for first in range(len(wanted)):
        for count in (1, 3, 40):
            assert reader.page("log", first, count).lines == wanted[first : first + count]
    for n in range(len(wanted)):
        found = reader.search("log", Wanted.text(f"{n}:"), -1, 100)
        matching = [i for i, line in enumerate(wanted) if f"{n}:" in line]
        assert [match.line for match in found.matches] == matching


async def test_long_line_is_cut_and_its_neighbours_are_whole(real):
    long = "é".encode() * 3_000_000
    job_id = real.with_log(b"before\n" + long[:5_000_000], long[5_000_000:] + b"\nafter needle\n")

    found = await lines(real, job_id)
    last = await search(real, job_id, q="NEEDLE")

    assert found["lines"] == ["before", "é" * 5000 + "…", "after needle"]
    assert last["matches"] == [{"line": 2, "text": "after needle"}]


async def test_search_finds_a_long_line_once(real):
    job_id = real.with_log(b"x" * (3 * BLOCK) + b"needle" + b"x" * (2 * BLOCK) + b"needle\nneedle")

    found = await search(real, job_id, q="needle")

    assert [match["line"] for match in found["matches"]] == [0, 1]
    assert found["total"] == 2


async def test_bytes_that_are_no_text_are_shown_as_such(real):
    job_id = real.with_log(b"\xff\x00a\n")

    assert (await lines(real, job_id))["lines"] == ["\ufffd\x00a"]


async def test_search_goes_on_behind_a_line_and_counts_all(real):
    job_id = real.with_log(b"".join(b"line %d Error\n" % n for n in range(10)))

    found = await search(real, job_id, q="error", behind=3, limit=2)
    rest = await search(real, job_id, q="error", behind=8)

    assert found == {
        "matches": [{"line": n, "text": f"line {n} Error"} for n in (4, 5)],
        "total": 10,
        "is_cut": True,
        "next": 10,
    }
    assert (rest["total"], rest["is_cut"], len(rest["matches"])) == (10, False, 1)


async def test_search_looks_between_escape_sequences_and_not_in_them(real):
    job_id = real.with_log(b"\x1b[31mER\x1b[1mROR\x1b[0m here \x1b]0;title\x07\n31 apples\n")

    assert (await search(real, job_id, q="error"))["matches"] == [
        {"line": 0, "text": "ERROR here "}
    ]
    assert [m["line"] for m in (await search(real, job_id, q="31"))["matches"]] == [1]


async def test_search_finds_letters_that_grow_when_small(real):
    job_id = real.with_log("İstanbul\nnone\nÜBER İ\n".encode())

    assert (await search(real, job_id, q="über"))["matches"] == [{"line": 2, "text": "ÜBER İ"}]


async def test_search_goes_on_where_lines_were_whole(real):
    job_id = real.with_log(b"error 0\nfine\nerr")

    before = await search(real, job_id, q="error")
    real.append(job_id, b"or 2\nerror 3\n")
    after = await search(real, job_id, q="error", first=before["next"])

    assert (before["next"], before["total"]) == (2, 1)
    assert [match["line"] for match in after["matches"]] == [2, 3]
    assert (after["next"], after["total"]) == (4, 2)


async def test_search_for_what_reports_something_takes_words_and_not_their_parts(real):
    text = (
        b"ERROR 1: read\nterrors of war\nTraceback (most recent call last):\nValueError: x\n"
        b"\x1b[33mWarning\x1b[0m 1: tags\nno warnings\nDeprecationWarning: y\nwarned\nerrno 0\n"
    )
    job_id = real.with_log(text)

    errors = await search(real, job_id, level="error")
    warnings = await search(real, job_id, level="warning")

    assert [match["line"] for match in errors["matches"]] == [0, 2, 3]
    assert [match["line"] for match in warnings["matches"]] == [4, 5, 6]


async def test_search_that_finds_very_many_stops_to_count(real, monkeypatch):
    monkeypatch.setattr(log_lines, "MAX_COUNTED", 50)
    job_id = real.with_log(b"error\n" * 60)

    found = await search(real, job_id, q="error", limit=10)

    assert (found["total"], found["is_cut"], len(found["matches"])) == (50, True, 10)


async def test_lines_longer_than_what_is_known_are_waited_for(real):
    job_id = real.with_log(b"one\n")
    waiting = asyncio.ensure_future(lines(real, job_id, longer_than=4))
    known = await lines(real, job_id, longer_than=3)
    assert not waiting.done()

    real.append(job_id, b"two\n")

    assert known["lines"] == ["one"]
    assert (await waiting)["lines"] == ["one", "two"]


async def test_lines_of_a_log_that_has_ended_are_not_waited_for(real):
    job_id = real.with_log(b"one\n", is_over=True)

    assert (await lines(real, job_id, longer_than=4))["is_final"] is True


@pytest.mark.parametrize(
    "query",
    [
        "q=",
        "q=a&level=error",
        "level=loud",
        "q=a%0Ab",
        "q=a&limit=0",
        "q=a&behind=x",
        "q=a&limit=5000",
    ],
)
async def test_search_with_a_parameter_that_does_not_fit_names_it(real, query):
    answer = await real.http.get(f"jobs/{real.with_log(b'a')}/crop.log/search?{query}")

    assert (answer.status_code, len(answer.json()["invalid"])) == (400, 1)


@pytest.mark.parametrize("what", ["lines", "search?q=a"])
async def test_log_or_job_that_is_not_there_is_a_problem(real, what):
    job_id = real.with_log(b"a")

    log = await real.http.get(f"jobs/{job_id}/none.log/{what}")
    job = await real.http.get(f"jobs/nowhere/crop.log/{what}")

    assert (log.status_code, log.json()["type"]) == (404, PROBLEM + "not-found")
    assert (job.status_code, job.json()["type"]) == (404, PROBLEM + "no-such-job")


def test_pages_and_search_of_a_large_log_stay_small_in_memory(tmp_path):
    store = FolderStore(tmp_path / "store")
    chunk = b"".join(b"line %08d of a long log, nothing to see\n" % n for n in range(200_000))
    for n in range(12):
        store.put(f"log/{n * len(chunk):015d}", chunk)
    reader = LogLines(store)
    tracemalloc.start()

    page = reader.page("log", -2, 2)
    found = reader.search("log", Wanted.text("00199999"), -1, 5)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert page.size_bytes > 100_000_000
    assert page.lines[1].startswith("line 00199999")
    assert (page.total_lines, found.total) == (2_400_000, 12)
    assert most < 8_000_000
