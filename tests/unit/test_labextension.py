"""The TypeScript unit tests, as part of the same gate."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "labextension"


def test_unit_tests_of_the_labextension_pass():
    if shutil.which("npm") is None or not (FOLDER / "node_modules").exists():
        pytest.skip("npm or the labextension's node_modules are missing; run make setup")

    done = subprocess.run(["npm", "test", "--silent"], cwd=FOLDER, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
