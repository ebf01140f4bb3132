"""The use cases over a real database and store, with an inspector that reads JSON."""

import pytest
from eodh_runner.db.database import Database
from eodh_runner.domain.failure import Failure, FailureClass
from eodh_runner.domain.job import JobStatus, WantedResults
from eodh_runner.domain.step import StepDone
from eodh_runner.errors import BadInput, Conflict, Immutable, NotAvailable, NotFound, NotReady
from eodh_runner.service import Caller, record

from .conftest import ME, make_document, make_step_run


def needed(schema):
    return {"schema": schema, "minOccurs": 1}


async def test_deploy_twice_is_a_conflict_and_replace_makes_a_revision(service):
    first = await service.deployment.deploy(ME, "ws", make_document(), "application/cwl")

    with pytest.raises(Conflict, match="ndvi"):
        await service.deployment.deploy(ME, "ws", make_document(), "application/cwl")
    second = await service.deployment.replace(ME, "ws", "ndvi", make_document(), "application/cwl")

    assert (first.revision, second.revision) == (1, 2)
    assert [p.process_id for p in service.processes(ME, "ws")] == ["echo", "ndvi"]


async def test_deploy_after_undeploy_keeps_counting_revisions(service):
    await service.deployment.deploy(ME, "ws", make_document(), "application/cwl")
    service.deployment.undeploy(ME, "ws", "ndvi")

    with pytest.raises(NotFound, match="ndvi"):
        service.process(ME, "ws", "ndvi")
    assert (
        await service.deployment.deploy(ME, "ws", make_document(), "application/cwl")
    ).revision == 2


def test_undeploy_of_the_built_in_process_is_refused(service):
    with pytest.raises(Immutable):
        service.deployment.undeploy(ME, "ws", "echo")


def test_every_use_of_a_foreign_workspace_answers_as_unknown(service):
    stranger = Caller("other", "you", ("other",))

    for call in (
        lambda: service.processes(stranger, "ws"),
        lambda: service.execute(stranger, "ws", "echo", {"stringInput": "x"}),
        lambda: service.jobs(stranger, "ws"),
        lambda: service.job(stranger, "ws", "x"),
    ):
        with pytest.raises(NotFound, match="workspace"):
            call()


async def test_execute_with_several_wrong_inputs_names_all_of_them(service):
    document = make_document(
        a=needed({"type": "integer"}),
        b=needed({"type": "string"}),
        c=needed({"type": "array", "items": {"type": "boolean"}}),
    )
    await service.deployment.deploy(ME, "ws", document, "application/cwl")

    with pytest.raises(BadInput) as caught:
        service.execute(ME, "ws", "ndvi", {"a": True, "c": [True, 1], "d": 1})

    assert set(caught.value.invalid) == {"a", "b", "c", "d"}
    assert service.jobs(ME, "ws") == ([], 0)


@pytest.mark.parametrize("value", [0, False, "", []])
async def test_execute_with_a_falsy_value_keeps_it(service, database, value):
    kind = {int: "integer", bool: "boolean", str: "string", list: "array"}[type(value)]
    await service.deployment.deploy(
        ME, "ws", make_document(x=needed({"type": kind})), "application/cwl"
    )

    job = service.execute(ME, "ws", "ndvi", {"x": value})

    assert service.job(ME, "ws", job.job_id).inputs == {"x": value}


def test_execute_with_the_same_idempotency_key_gives_the_same_job(service):
    first = service.execute(ME, "ws", "echo", {"stringInput": "x"}, "key")
    again = service.execute(ME, "ws", "echo", {"stringInput": "x"}, "key")

    assert first.job_id == again.job_id
    with pytest.raises(Conflict, match="Idempotency-Key"):
        service.execute(ME, "ws", "echo", {"stringInput": "y"}, "key")
    raw = WantedResults(response="raw")
    with pytest.raises(Conflict, match="Idempotency-Key"):
        service.execute(ME, "ws", "echo", {"stringInput": "x"}, "key", raw)


async def test_file_input_that_is_not_there_is_named(service, tmp_path):
    file = {"type": "string", "x-cwl-class": "File"}
    await service.deployment.deploy(ME, "ws", make_document(scene=needed(file)), "application/cwl")

    with pytest.raises(BadInput, match=r"scene: /nowhere/a.tif does not exist"):
        service.execute(ME, "ws", "ndvi", {"scene": "/nowhere/a.tif"})


def test_job_ends_once_whatever_comes_after(service, database):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})
    failure = Failure(FailureClass.COMMAND, "no", "do")
    with database.write() as c:
        assert record.take(c, job)
        assert record.fail(c, job, failure)
        assert not record.succeed(c, job, {})
        assert not record.dismiss(c, job)

    found = service.job(ME, "ws", job.job_id)
    assert (found.status, found.failure) == (JobStatus.FAILED, failure)
    with pytest.raises(NotAvailable, match="no"):
        service.results(ME, "ws", job.job_id)


def test_results_before_the_end_are_not_ready(service):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})

    with pytest.raises(NotReady):
        service.results(ME, "ws", job.job_id)


def test_events_of_a_job_are_contiguous_and_resumable(service, database):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})
    with database.write() as c:
        record.take(c, job)
        record.see_step(c, job, make_step_run())
        record.start_step(c, job, "crop/0")
        record.end_step(c, job, "crop/0", StepDone(1, 0), ok=True)
        record.succeed(c, job, {})

    events = service.events("ws", job.job_id)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert service.events("ws", job.job_id, after=3) == events[3:]
    states = [e.data["state"] for e in events if e.kind == "step"]
    assert states == ["waiting", "running", "done"]
    assert events[-1].data["progress"] == 100


def test_step_of_an_earlier_life_keeps_its_end(service, database):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})
    with database.write() as c:
        record.see_step(c, job, make_step_run())
        record.end_step(c, job, "crop/0", StepDone(1, 0, base="b"), ok=True)
        found = record.see_step(c, job, make_step_run())

    assert found.done["base"] == "b"


def test_write_of_a_runner_that_was_replaced_is_refused(database, database_url):
    second = Database(database_url)
    second.begin_epoch()

    with pytest.raises(RuntimeError, match="took over"), database.write():
        pass
    second.close()


def test_dismiss_of_a_finished_job_takes_it_off_the_list(service):
    job = service.execute(ME, "ws", "echo", {"stringInput": "x"})

    assert service.dismiss(ME, "ws", job.job_id).status is JobStatus.DISMISSED
    assert service.jobs(ME, "ws")[1] == 1
    service.dismiss(ME, "ws", job.job_id)
    assert service.jobs(ME, "ws") == ([], 0)


def test_list_of_jobs_is_newest_first_and_paged(service):
    ids = [service.execute(ME, "ws", "echo", {"stringInput": str(i)}).job_id for i in range(5)]

    page, total = service.jobs(ME, "ws", limit=2, skip=1)

    assert ([j.job_id for j in page], total) == ([ids[3], ids[2]], 5)
