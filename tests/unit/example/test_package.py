"""The example's CWL, its notebook, and the script that makes its data."""

import json
from pathlib import Path

import numpy as np
import pystac
import pytest
import yaml

EXAMPLES = Path(__file__).parents[3] / "examples"
PACKAGE = EXAMPLES / "vegetation-extent" / "vegetation-extent.cwl"
IMAGE = "localhost/eodh/vegetation-extent:1.0"
PARTS = yaml.safe_load(PACKAGE.read_text())["$graph"]
TOOLS = [part for part in PARTS if part["class"] == "CommandLineTool"]


def named(parts):
    return pytest.mark.parametrize("part", parts, ids=[part["id"] for part in parts])


@named(PARTS)
def test_every_input_has_label_and_doc(part):
    missing = [name for name, given in part["inputs"].items() if not {"label", "doc"} <= set(given)]

    assert missing == []


@named(TOOLS)
def test_every_tool_names_image_and_resources(part):
    assert part["hints"] == {"DockerRequirement": {"dockerPull": IMAGE}}
    wanted = {"coresMin": 1, "ramMin": 256, "ramMax": 1024}
    assert part["requirements"]["ResourceRequirement"] == wanted


def test_notebook_deploys_the_package_as_it_is_in_its_file():
    cells = json.loads((EXAMPLES / "vegetation-extent.ipynb").read_text())["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    (deploy,) = (text for text in texts if text.startswith("%%workflow deploy"))

    assert deploy.partition("\n")[2].strip() == PACKAGE.read_text().strip()
    assert len(cells) <= 15
    assert texts[1] == "%load_ext eodh_jupyter"
    assert not any(cell.get("outputs") for cell in cells)


def test_fetching_again_asks_nobody(fetch_data, tmp_path, monkeypatch, offline):
    monkeypatch.setattr(fetch_data, "DATA", tmp_path)
    (tmp_path / "made.txt").write_text(fetch_data.recipe())

    fetch_data.main()

    assert [path.name for path in tmp_path.iterdir()] == ["made.txt"]


@pytest.mark.parametrize("cell_m", [10.0, 20.0])
def test_bands_of_either_cell_size_are_cut_to_the_same_ground(fetch_data, cell_m):
    band = fetch_data.Band(np.zeros((200, 300)), cell_m, fetch_data.WEST_M)

    part = band.cut(1200.0, 3000.0)

    assert part.west_m == 601200.0
    assert tuple(size * cell_m for size in part.values.shape) == (2000.0, 1800.0)


@pytest.mark.parametrize("west_m", [600000.0, None])
def test_items_are_valid_without_a_network(fetch_data, offline, west_m):
    band = fetch_data.Band(np.zeros((200, 180)), 10.0, west_m)

    item = pystac.Item.from_dict(fetch_data.make_item("patagonia-west", {"red": band}))

    assert item.validate() == [
        "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
    ]
