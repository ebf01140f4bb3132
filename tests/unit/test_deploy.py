"""What operators install is what the project locked."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = (
    "uv pip compile -q --generate-hashes --no-emit-index-url --no-annotate --no-header --universal "
    "--python-version 3.11 --extra runner --extra preview -c requirements.lock pyproject.toml "
    "-o deploy/requirements.lock"
)


def locked(path):
    """Give version and hashes by the name of each package."""
    found = {}
    for block in re.split(r"\n(?=\S)", path.read_text()):
        name, _, rest = block.partition("==")
        found[name] = (rest.split()[0], frozenset(re.findall(r"sha256:\w+", rest)))
    return found


def test_lock_of_the_image_is_a_part_of_the_lock():
    ours, whole = locked(ROOT / "deploy/requirements.lock"), locked(ROOT / "requirements.lock")

    assert ours.items() <= whole.items(), f"make it anew: {COMMAND}"


def test_lock_of_the_image_holds_what_the_runner_needs():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = extras["dependencies"] + extras["optional-dependencies"]["runner"]
    names = {re.match(r"[\w-]+", word)[0] for word in wanted}

    assert names <= locked(ROOT / "deploy/requirements.lock").keys(), f"make it anew: {COMMAND}"
