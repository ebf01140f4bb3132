"""Finds the packages, and the data that lies beside the project."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
for folder in (ROOT, ROOT / "server_ext", ROOT / "runner_backend"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests last: Playwright keeps an event loop running in this process."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of conformance suites and fixtures, or skip."""
    folder = Path(os.environ.get("EODH_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there; set EODH_SHARED to the folder of suites and fixtures")
    return folder


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    """Give a real S3 server, or skip where its program cannot be had."""
    from .servers.go import Missing
    from .servers.s3 import S3Server

    server = S3Server(tmp_path_factory.mktemp("s3"))
    try:
        yield server.start()
    except Missing as error:
        pytest.skip(str(error))
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_server():
    """Give a real Postgres, or skip where its programs are missing."""
    from .servers.postgres import Missing, PostgresServer

    try:
        server = PostgresServer()
    except Missing as error:
        pytest.skip(str(error))
    try:
        yield server.start()
    finally:
        server.remove()
