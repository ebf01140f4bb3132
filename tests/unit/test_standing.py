"""Where jobs stand, how far they are, how they are found."""

from datetime import timedelta

import pytest
from eodh_runner.db import schema
from eodh_runner.db.database import now, to_text
from eodh_runner.domain.event import StepState
from eodh_runner.domain.progress import StepCounts, StepTally, share_done
from eodh_runner.domain.step import Image, StepDone, Usage, step_name
from eodh_runner.errors import BadInput
from eodh_runner.service import record, standing

from .conftest import ME, make_document, make_step_run


def launch(service, database, process_id="ndvi", *, take=True, **inputs):
    job = service.execute(ME, "ws", process_id, inputs)
    if take:
        with database.write() as connection:
            record.take(connection, job)
    return service.job(ME, "ws", job.job_id)


def run(database, job, path, wall_s=1.0, *, ok=True, log_size_bytes=None):
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(tuple(path.split("/"))))
        record.start_step(connection, job, path)
        done = StepDone(1, 0, usage=Usage(wall_s=wall_s))
        record.end_step(connection, job, path, done, ok=ok, log_size_bytes=log_size_bytes)


def finish(database, job, duration_s):
    with database.write() as connection:
        record.succeed(connection, job, {})
        values = {"duration_s": duration_s}
        connection.execute(schema.job.update().filter_by(job_id=job.job_id).values(**values))


def stands(service, job):
    return service.standings([service.job(ME, "ws", job.job_id)])[job.job_id]


async def deploy(service, **fields):
    await service.deployment.deploy(ME, "ws", make_document(**fields), "application/cwl")


async def test_standing_of_a_job_counts_steps_by_state_and_those_to_come(service, database):
    await deploy(service, steps=["crop", "mask", "stack"])
    job = launch(service, database)
    run(database, job, "crop/0")
    run(database, job, "crop/1", ok=False)
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(("crop", "2")))
        record.start_step(connection, job, "crop/2")

    found = stands(service, job)

    assert found.steps == StepCounts(total=5, done=1, running=1, failed=1, reused=0)
    assert (found.current, found.has_logs) == ("crop 2 of 3", True)
    assert (found.time_left_s, found.jobs_ahead) == (None, None)


async def test_standing_of_an_ended_job_counts_what_ran(service, database):
    await deploy(service, steps=["crop", "never"])
    job = launch(service, database)
    run(database, job, "crop")
    finish(database, job, 1)

    assert stands(service, job) == standing.Standing(StepCounts(1, 1, 0, 0, 0), has_logs=True)


async def test_standing_of_a_waiting_job_tells_how_many_are_ahead(service, database):
    await deploy(service)
    first = launch(service, database)
    finish(database, launch(service, database), 1)
    second = launch(service, database, take=False)
    third = launch(service, database, take=False)

    assert [stands(service, job).jobs_ahead for job in (first, second, third)] == [None, 1, 2]


async def test_retried_step_is_counted_once(service, database):
    await deploy(service, steps=["crop"])
    job = launch(service, database)
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(("crop",)))
        record.start_step(connection, job, "crop")
        record.retry_step(connection, job, "crop", record.Failure("memory", "no", "do"))
        record.start_step(connection, job, "crop")

    assert stands(service, job).steps == StepCounts(1, 0, 1, 0, 0)


async def test_dismissed_job_has_no_step_that_runs(service, database):
    await deploy(service, steps=["crop"])
    job = launch(service, database)
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(("crop",)))
        record.start_step(connection, job, "crop")
    service.dismiss(ME, "ws", job.job_id)

    assert stands(service, job).steps == StepCounts(1, 0, 0, 0, 0)


async def test_progress_weighs_steps_by_their_past_durations(service, database):
    await deploy(service, steps=["quick", "slow"])
    past = launch(service, database)
    run(database, past, "quick", 1)
    run(database, past, "slow", 9)
    finish(database, past, 10)

    first = service.job(ME, "ws", past.job_id)
    job = launch(service, database)
    run(database, job, "quick")

    assert first.progress == 100
    assert service.job(ME, "ws", job.job_id).progress == 10


async def test_progress_without_a_past_counts_the_steps_to_come_and_never_falls(service, database):
    await deploy(service, steps=["crop", "mask"])
    job = launch(service, database)
    seen = []
    for path in ("crop", "mask/0"):
        run(database, job, path)
        seen.append(service.job(ME, "ws", job.job_id).progress)
    with database.write() as connection:
        for index in range(1, 9):
            record.see_step(connection, job, make_step_run(("mask", str(index))))
    run(database, job, "mask/1")
    seen.append(service.job(ME, "ws", job.job_id).progress)

    assert seen == [50, 99, 99]


async def test_time_left_is_told_from_three_past_jobs_on(service, database):
    await deploy(service, steps=["one", "two"])
    told = []
    for _ in range(4):
        job = launch(service, database)
        run(database, job, "one", 5)
        told.append(stands(service, job).time_left_s)
        run(database, job, "two", 15)
        finish(database, job, 20)

    assert told == [None, None, None, 15.0]


def test_share_done_counts_what_runs_in_part_and_never_beyond_its_past():
    counts = dict.fromkeys(StepState, 0)
    tallies = [
        StepTally("a", {**counts, StepState.RUNNING: 2}, 2.0, 10.0),
        StepTally("b", counts, 1.0, 20.0),
    ]

    assert share_done(tallies, {"a": [5.0, 100.0]}) == pytest.approx(15 / 40)


@pytest.mark.parametrize(
    ("path", "name"),
    [("crop/0", "crop"), ("w/0/crop/1", "w/crop"), ("crop", "crop"), ("0", "0")],
)
def test_step_name_is_the_path_without_indices(path, name):
    assert step_name(path) == name


@pytest.mark.parametrize("q", ["ndv", "S2A_T30", "s2a_t30uxb", "ünlü", "2.5", "  NDVI "])
async def test_search_finds_jobs_by_process_and_input_values(service, database, q):
    given = {"schema": {}, "minOccurs": 0}
    await deploy(service, scene=given, threshold=given)
    job = launch(
        service, database, scene={"title": ["S2A_T30UXB", "ÜNLÜ"]}, threshold=2.5, take=False
    )
    service.execute(ME, "ws", "echo", {"stringInput": "other"})

    found, total = service.jobs(ME, "ws", q=q)

    assert ([j.job_id for j in found], total) == ([job.job_id], 1)


@pytest.mark.parametrize("q", ["title", "scene", "%", "_"])
async def test_search_does_not_look_in_names_of_inputs_nor_take_wildcards(service, database, q):
    await deploy(service, scene={"schema": {}, "minOccurs": 0})
    launch(service, database, scene={"title": "x"}, take=False)

    assert service.jobs(ME, "ws", q=q) == ([], 0)


async def test_search_by_the_beginning_of_an_id_finds_the_job(service):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})
    service.execute(ME, "ws", "echo", {"stringInput": "x"})

    assert [j.job_id for j in service.jobs(ME, "ws", q=job.job_id[:8].upper())[0]] == [job.job_id]


async def test_page_behind_a_job_is_not_shifted_by_newer_ones(service):
    ids = [service.execute(ME, "ws", "echo", {"stringInput": str(i)}).job_id for i in range(4)]
    first, _ = service.jobs(ME, "ws", limit=2)
    service.execute(ME, "ws", "echo", {"stringInput": "newer"})
    second, total = service.jobs(ME, "ws", limit=2, behind=first[-1].job_id)

    assert [j.job_id for j in first + second] == ids[::-1]
    assert total == 5
    with pytest.raises(BadInput, match="'nowhere' does not exist"):
        service.jobs(ME, "ws", behind="nowhere")


async def test_search_finds_processes_by_id_title_and_keyword(service):
    await deploy(service, process_id="ndvi", title="Vegetation", keywords=["Sentinel-2"])
    await deploy(service, process_id="burn")

    def found(q):
        return [p.process_id for p in service.processes(ME, "ws", q=q)]

    assert [found("NDV"), found("veget"), found("sentinel"), found("demo"), found("?")] == [
        ["ndvi"], ["ndvi"], ["ndvi"], ["echo"], [],
    ]  # fmt: skip


async def test_processes_with_jobs_are_known_until_the_jobs_are_removed(service, database):
    await deploy(service)
    job = launch(service, database)
    before = service.processes_with_jobs("ws", ["ndvi", "echo"])
    service.dismiss(ME, "ws", job.job_id)
    service.dismiss(ME, "ws", job.job_id)

    assert (before, service.processes_with_jobs("ws", ["ndvi", "echo"])) == ({"ndvi"}, set())


async def test_steps_tell_what_was_asked_for_and_used(service, database):
    await deploy(service, steps=["crop"])
    job = launch(service, database)
    wanted = make_step_run(
        ("crop",), argv=("crop", "--box", "a b"), image=Image(pull="gdal:3.9"), cores=2, ram_mib=64
    )
    with database.write() as connection:
        record.see_step(connection, job, wanted)
        record.start_step(connection, job, "crop")
        usage = Usage(wall_s=2.0, cpu_s=1.5, peak_ram_mib=50.0)
        done = StepDone(1, 0, usage=usage)
        record.end_step(connection, job, "crop", done, ok=True, log_size_bytes=81)

    (step,) = service.steps(ME, "ws", job.job_id)

    told = {
        "command": ["crop", "--box", "a b"],
        "image": "gdal:3.9",
        "cores": 2,
        "ram_mib": 64,
        "peak_ram_mib": 50.0,
        "cpu_s": 1.5,
        "wall_s": 2.0,
        "log_size_bytes": 81,
    }
    assert {name: step[name] for name in told} == told
    assert [e.data for e in service.events("ws", job.job_id) if e.kind == "log"] == [
        {"step": "crop", "log": "crop", "size_bytes": 81}
    ]


async def test_log_of_a_step_that_runs_has_the_size_of_now(service, database, store):
    await deploy(service, steps=["crop"])
    job = launch(service, database)
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(("crop",)))
        record.start_step(connection, job, "crop")
        record.grow_log(connection, job, "crop", "crop", 3)
    store.put(f"ws/jobs/{job.job_id}/logs/crop/1/000000000000", b"abc")
    store.put(f"ws/jobs/{job.job_id}/logs/crop/1/000000000003", b"defgh")

    assert service.steps(ME, "ws", job.job_id)[0]["log_size_bytes"] == 8


async def test_time_left_of_a_step_that_takes_longer_than_ever_is_not_told(service, database):
    await deploy(service, steps=["one"])
    for _ in range(3):
        past = launch(service, database)
        run(database, past, "one", 5)
        finish(database, past, 5)
    job = launch(service, database)
    with database.write() as connection:
        found = record.see_step(connection, job, make_step_run(("one",)))
        started = to_text(now() - timedelta(seconds=60))
        record._step_event(connection, job, found, StepState.RUNNING, started=started)

    assert stands(service, job).time_left_s is None
