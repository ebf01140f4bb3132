import _thread
import threading
import time

import pytest

from eodh_jupyter import Detached, JobFailed

from .conftest import FAILED, FAILURE, JOB, SUCCESS


def test_wait_follows_the_events_to_the_end(client):
    seen = []

    job = client.job(JOB).watch(seen.append)

    assert (job.status, job.progress) == ("successful", 100)
    assert [e["seq"] for e in seen] == [1, 2, 3, 4, 5, 6]


def test_events_of_a_cut_stream_come_once_each_and_in_order(client, fake):
    fake.cut_behind = [2, 4]

    events = list(client.job(JOB).events())

    assert events == SUCCESS
    streams = [r for r in fake.requests if r["path"].endswith("/events")]
    assert [r["headers"].get("Last-Event-ID") for r in streams] == [None, "2", "4"]


def test_events_end_with_the_last_one_though_the_stream_goes_on(client, fake):
    fake.events = [*SUCCESS, {**SUCCESS[3], "seq": 7}]

    assert len(list(client.job(JOB).events())) == 6


def test_wait_ends_in_time_while_nothing_comes(client, fake):
    fake.is_held.clear()
    began = time.monotonic()

    with pytest.raises(TimeoutError, match="it goes on"):
        client.job(JOB).wait(0.2)

    assert time.monotonic() - began < 2


def test_interrupted_wait_leaves_the_job_and_says_how_to_return(client, fake):
    fake.is_held.clear()
    job = client.job(JOB)
    threading.Timer(0.3, _thread.interrupt_main).start()

    with pytest.raises(Detached, match=r"client.job\('3f8212b5'\).wait") as caught:
        job.wait()

    assert isinstance(caught.value, KeyboardInterrupt)
    assert not [r for r in fake.requests if r["method"] == "DELETE"]


def test_failed_job_raises_its_failure_in_words(client, fake):
    fake.events = FAILED
    job = client.job(JOB)

    with pytest.raises(JobFailed) as caught:
        job.wait()

    assert caught.value.job is job
    assert (caught.value.failure.kind, caught.value.failure.exit_code) == ("command", 3)
    assert dict(caught.value.failure) == FAILURE
    for part in ("3f8212b5", "crop ended with code 3.", "Error: <boom>", "See the line above."):
        assert part in str(caught.value)
    with pytest.raises(JobFailed):
        getattr(job, "results")  # noqa: B009  reading is the act


def test_logs_default_to_the_newest_step_and_name_the_steps_there_are(client):
    job = client.job(JOB)

    assert job.logs() == job.logs("crop/0") == "one\n\x1b[31mtwo\n"
    assert list(job.logs(follow=True)) == ["one", "\x1b[31mtwo"]
    with pytest.raises(Exception, match="no step 'nothing'; it has: crop/0"):
        job.logs("nothing")


@pytest.mark.parametrize(("told", "asked"), [({}, ""), ({"response": "raw"}, "f=links")])
def test_results_are_all_outputs_as_links_whatever_the_execution_asked_for(
    fake, client, told, asked
):
    fake.status |= told

    assert list(client.job(JOB).wait().results) == ["mask", "area"]
    assert {r["query"] for r in fake.requests if r["path"] == f"jobs/{JOB}/results"} == {asked}


def test_results_are_read_by_name_and_attribute(client, tmp_path):
    results = client.job(JOB).wait().results

    assert list(results) == ["mask", "area"]
    assert (results.area.value, results["area"].href) == (0, None)
    assert results.mask.read() == b"raster"
    assert results.mask.open().read() == b"raster"
    assert results.mask.download(tmp_path / "to").read_bytes() == b"raster"
    assert repr(results.mask) == "Result(mask: mask.tif, 6 B)"
    with pytest.raises(KeyError, match="no output 'nothing'; there are: mask, area"):
        results["nothing"]


def test_download_that_was_cut_goes_on_where_it_ended(client, fake, tmp_path):
    results = client.job(JOB).wait().results
    fake.cuts["half a file"] = 1

    assert results.mask.download(tmp_path).read_bytes() == b"raster"

    assert fake.requests[-1]["headers"]["Range"] == "bytes=3-"
    assert [p.name for p in tmp_path.iterdir()] == ["mask.tif"]


def test_record_that_has_a_member_named_href_stays_a_record(client, fake, tmp_path):
    fake.results = {"record": {"href": "x"}, "many": [fake.results["mask"], fake.results["mask"]]}
    results = client.job(JOB).wait().results

    assert not results.record.is_file
    assert results.record.download(tmp_path).name == "record.json"
    results.many.download(tmp_path / "many")
    assert (tmp_path / "many" / "1" / "mask.tif").read_bytes() == b"raster"


def test_job_shows_itself_also_when_no_runner_answers(client, fake, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    job = client.job(JOB)
    fake.cuts[f"jobs/{JOB}/steps"] = 100

    assert "Accepted" in job._repr_mimebundle_()["text/html"]
