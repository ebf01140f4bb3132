"""What is left of a card where no front end of ours is: nbconvert."""

import nbformat
import pytest

from eodh_jupyter import Client


@pytest.fixture
def notebook(client: Client):
    """Give a notebook whose cell shows a job that ran."""
    client.deploy(
        {
            "cwlVersion": "v1.2",
            "class": "CommandLineTool",
            "id": "say-hello",
            "inputs": {"name": {"type": "string", "default": "<b>you</b>"}},
            "baseCommand": "echo",
            "arguments": ["$(inputs.name)"],
            "outputs": {"said": "stdout"},
            "stdout": "said.txt",
        }
    )
    job = client.launch("say-hello").wait()
    output = nbformat.v4.new_output("display_data", data=job._repr_mimebundle_())
    found = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("job", outputs=[output])])
    nbformat.validate(found)
    return found


def test_nbconvert_shows_the_snapshot_without_any_address(notebook):
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="basic")
    html, _ = exporter.from_notebook_node(notebook)

    assert "✓ <b>Successful</b> · say-hello" in html
    assert "said: said.txt, 11 B" in html
    assert "State when this notebook was saved" in html
    assert "<b>you</b>" not in html
    saved = str(notebook.cells[0].outputs)
    assert "href" not in saved
    assert "://" not in saved


def test_markdown_shows_the_plain_text(notebook):
    from nbconvert import MarkdownExporter

    notebook.cells[0].outputs[0].data.pop("text/html")

    text, _ = MarkdownExporter().from_notebook_node(notebook)

    assert "say-hello  job " in text
    assert "said.txt, 11 B" in text
