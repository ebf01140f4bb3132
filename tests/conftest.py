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
