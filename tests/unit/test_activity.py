"""What keeps a runner from its idle end."""

import pytest
from eodh_runner.serve import Activity


@pytest.fixture
async def ask():
    """Give a function that sends one request through the count."""
    activity = Activity()
    activity.last = -1000.0

    async def app(scope, receive, send):
        pass

    async def send(path):
        await activity.around(app)({"type": "http", "path": path}, None, None)
        return activity

    return send


@pytest.mark.parametrize("path", ["/ping", "/health", "/ogc-api/health"])
async def test_look_after_the_runner_does_not_keep_it_up(ask, path):
    assert (await ask(path)).last == -1000.0


@pytest.mark.parametrize("path", ["/ogc-api/jobs", "/ogc-api/events"])
async def test_use_of_the_runner_keeps_it_up(ask, path):
    assert (await ask(path)).last > -1000.0
