"""What steps cost the API server, as the API server counts it."""

import json

import pytest

from ..conftest import until
from .document import MANY

pytestmark = pytest.mark.smoke
STEPS = 12


def test_step_costs_the_api_server_a_post_and_a_delete(kwok, kwok_client):
    process = kwok_client.deploy(json.dumps(MANY).encode())
    before = kwok.calls()

    job = process.launch(xs=list(range(STEPS))).wait(120)

    until(lambda: (kwok.calls() - before)["delete", "secrets"])
    until(lambda: (kwok.calls() - before)["delete", "pods"] >= STEPS)
    calls = kwok.calls() - before
    del calls["watch", "pods"]  # one for all of them
    assert job.status == "successful"
    assert calls == {
        ("create", "secrets"): 1,
        ("create", "pods"): STEPS,
        ("delete", "pods"): STEPS,
        ("delete", "secrets"): 1,
    }
    assert kwok.pods() == []


def test_pod_that_sleeps_is_running_until_it_is_dismissed(kwok, kwok_client):
    tool = {**MANY["steps"]["one"]["run"], "baseCommand": ["sleep", "600"]}
    document = {"cwlVersion": "v1.2", "id": "sleeper", **tool}
    job = kwok_client.deploy(json.dumps(document).encode()).launch(x=1)
    until(lambda: [step for step in job.steps() if step.get("node")])

    job.dismiss()

    until(lambda: not kwok.pods(), 20)


def test_dismissal_while_hundreds_of_pods_are_being_made_leaves_nothing(kwok, kwok_client):
    process = kwok_client.deploy(json.dumps(MANY).encode())
    before = kwok.calls()
    job = process.launch(xs=list(range(300)))
    until(lambda: (kwok.calls() - before)["create", "pods"] > STEPS)

    job.dismiss()

    until(lambda: (kwok.calls() - before)["delete", "secrets"])
    until(lambda: not kwok.pods())
    assert job.refresh().status == "dismissed"
