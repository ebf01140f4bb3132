"""A control plane with fake nodes, and a runner whose step runs are its pods."""

import pytest

from ...integration.conftest import stop
from ...servers.go import is_built
from .. import kubernetes_program
from ..place import CannotRun
from .rig import KwokRig


@pytest.fixture(scope="package")
def kwok():
    """Give the rig, or skip with the reason."""
    if not kubernetes_program.is_built() or not is_built("kwok"):
        pytest.skip("`make cluster-up` builds Kubernetes and KWOK, and has not yet")
    try:
        with KwokRig() as rig:
            yield rig
    except CannotRun as error:
        pytest.skip(str(error))


@pytest.fixture
def kwok_client(kwok, tmp_path, monkeypatch):
    """Give a client of a runner of this test."""
    from eodh_jupyter import Client

    data = tmp_path / "data"
    for name, value in {**kwok.environment, "EODH_DATA": str(data)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EODH_IDLE_TIMEOUT_S", "60")
    monkeypatch.delenv("EODH_RUNNER_URL", raising=False)
    yield Client()
    stop(data)
