"""The example notebook in a kernel, and the magics' manners."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[2]


def execute(notebook, folder):
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def make_notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext eodh_jupyter", *sources)]
    return nbformat.v4.new_notebook(cells=cells)


def test_example_notebook_runs_to_its_mask(environment, monkeypatch):
    if not (ROOT / "examples" / "data" / "scene" / "west").exists():
        pytest.skip("the scene is not there; run make run")
    monkeypatch.setenv("EODH_HOST_TOOLS", f"{sys.prefix}:{sys.base_prefix}")
    notebook = nbformat.read(ROOT / "examples" / "vegetation-extent.ipynb", 4)

    execute(notebook, ROOT / "examples")

    text = str(notebook.cells)
    assert "Vegetation covers 1.93 km2" in text
    assert "image/png" in text
    assert "Successful" in text
    assert len(notebook.cells) <= 15


def test_failed_magic_fails_its_cell_with_the_line_of_the_cell(environment, tmp_path):
    cell = "%%workflow\ncwlVersion: v1.2\nclass: CommandLineTool\nid: a\ninputs: {x: strng}\n"

    with pytest.raises(CellExecutionError, match="line 5"):
        execute(make_notebook(cell + "outputs: []\nbaseCommand: 'true'"), tmp_path)


def test_typed_values_of_the_kernel_reach_the_tool(environment, tmp_path):
    cell = (
        "%%workflow launch -i n=$n -i flag=$flag -i text=$text -o r\n"
        "cwlVersion: v1.2\nclass: CommandLineTool\nid: show\nbaseCommand: echo\n"
        "inputs:\n  n: {type: int, inputBinding: {}}\n"
        "  flag: {type: boolean, inputBinding: {prefix: --flag}}\n"
        "  text: {type: string, inputBinding: {}}\n"
        "stdout: out.txt\noutputs: {out: stdout}\n"
    )
    notebook = make_notebook("n, flag, text = 0, True, 'a $b {c}'", cell, "print(r.out.text())")

    execute(notebook, tmp_path)

    assert "--flag 0 a $b {c}" in notebook.cells[-1].outputs[0]["text"]
