"""Inputs that are secret by their type reach the engine and nobody else."""

import pytest
from eodh_runner.db import job as jobs
from eodh_runner.errors import Conflict
from eodh_runner.service import record

from .conftest import ME, make_document, make_step_run

SECRET = {"type": "string", "format": "password"}
INPUTS = {
    "key": {"schema": {**SECRET, "x-cwl-field": "value"}, "minOccurs": 1},
    "words": {"schema": {"type": "array", "items": SECRET}, "minOccurs": 0},
    "login": {
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "password": SECRET},
        },
        "minOccurs": 0,
    },
    "place": {"schema": {"type": "string"}, "minOccurs": 0},
}
GIVEN = {
    "key": "canary-key",
    "words": ["canary-word"],
    "login": {"name": "me", "password": "canary-password"},
    "place": "here",
}


async def launch(service):
    await service.deployment.deploy(ME, "ws", make_document(**INPUTS), "application/cwl")
    return service.execute(ME, "ws", "ndvi", GIVEN)


async def test_secret_inputs_are_for_the_engine_alone(service, database):
    job = await launch(service)

    with database.read() as connection:
        order = jobs.job_order(connection, job.job_id)
    assert order["key"] == {"value": "canary-key"}
    assert order["login"]["password"] == "canary-password"
    assert service.job(ME, "ws", job.job_id).inputs == {
        "words": [],
        "login": {"name": "me"},
        "place": "here",
    }
    assert service.jobs(ME, "ws", q="canary") == ([], 0)
    assert service.jobs(ME, "ws", q="here")[1] == 1
    assert "canary" not in str([e.data for e in service.events("ws", job.job_id)])


async def test_secret_inputs_are_blotted_out_of_commands(service, database):
    job = await launch(service)
    argv = ("login", "--key=canary-key", "canary-password", "here")
    with database.write() as connection:
        record.see_step(connection, job, make_step_run(("crop",), argv=argv))

    (step,) = service.steps(ME, "ws", job.job_id)

    assert step["command"] == ["login", "--key=•••", "•••", "here"]


async def test_same_idempotency_key_with_another_secret_is_another_request(service):
    await service.deployment.deploy(ME, "ws", make_document(**INPUTS), "application/cwl")
    first = service.execute(ME, "ws", "ndvi", {"key": "canary-1"}, "k")
    again = service.execute(ME, "ws", "ndvi", {"key": "canary-1"}, "k")

    assert first.job_id == again.job_id
    with pytest.raises(Conflict, match="Idempotency-Key") as caught:
        service.execute(ME, "ws", "ndvi", {"key": "canary-2"}, "k")
    assert "canary" not in str(caught.value)
