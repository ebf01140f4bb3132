"""Results in the page of a job: the tree, quick looks, what is never run."""

import base64
import json
import re
import struct
import zlib

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from .card import card_cell, saved, write_notebook
from .test_card_kernel import open_notebook

pytestmark = pytest.mark.browser


def png():
    """Give a red picture of 8 by 8 pixels."""
    rows = b"".join(b"\0" + b"\xff\0\0" * 8 for _ in range(8))

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + body).decode()


STAC = {
    "type": "Feature",
    "stac_version": "1.0.0",
    "id": "veg-1",
    "geometry": None,
    "properties": {"datetime": "2024-07-16T11:06:00Z"},
    "links": [],
    "assets": {},
}
MASK = """
cwlVersion: v1.2
class: CommandLineTool
id: mask
inputs: {scene: string}
outputs: {mask: {type: File, outputBinding: {glob: mask.tif}}}
baseCommand: [sh, -c]
arguments: ['echo "$1" | base64 -d > mask.tif', _, $(inputs.scene)]
"""
#: What colours a picture has at the left and at the right.
LEFT_AND_RIGHT = """image => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
  const at = place => [...pixels.slice(4 * place, 4 * place + 4)];
  return [at(2), at(canvas.width - 2)];
}"""


def geotiff():
    """Give a mask of 96 by 64 pixels of 10 m, in UTM, whose right third has no data."""
    pixels = np.zeros((1, 64, 96), np.uint8)
    pixels[0, :, :32] = 1
    pixels[0, :, 64:] = 255
    with rasterio.MemoryFile() as memory:
        profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "height": 64, "width": 96}
        grid = {"crs": "EPSG:32630", "transform": rasterio.Affine(10, 0, 5e5, 0, -10, 5.9e6)}
        with memory.open(**profile, **grid, nodata=255, compress="deflate") as file:
            file.write(pixels)
        return base64.b64encode(memory.read()).decode()


LOOKS = """
cwlVersion: v1.2
class: CommandLineTool
id: looks
requirements: {InlineJavascriptRequirement: {}, ResourceRequirement: {ramMin: 64}}
inputs: {stac: string, picture: string}
outputs:
  out: {type: Directory, outputBinding: {glob: out}}
  many: {type: Directory, outputBinding: {glob: many}}
  crops: {type: "File[]", outputBinding: {glob: "out/*.txt"}}
  count: {type: int, outputBinding: {outputEval: "$(42)"}}
baseCommand: [sh, -c]
arguments:
- |
  mkdir -p out/inner many; for i in `seq 450`; do : > many/f$i; done
  echo '<h1>hi</h1><script>parent.document.title="bad"</script>' > out/page.html
  echo '{"a": {"b": {"c": [1, {"d": "<b>x</b>"}]}}}' > out/x.json
  printf 'zone,area\\nA01,412.6\\n<img src=x>,388.1\\n' > out/v.csv
  printf 'scene S2B\\n' > out/report.txt; cp out/report.txt "out/<img src=x>.txt"
  echo "$1" > out/item.json; echo "$2" | base64 -d > out/inner/red.png
  truncate -s 300M out/big.bin
- _
- $(inputs.stac)
- $(inputs.picture)
"""


@pytest.fixture(scope="module")
def found():
    """Keep the one job that all tests of this module look at."""
    return {}


@pytest.fixture
def job_id(ask, deploy, ended, found):
    """Give the id of a job with results of every kind."""
    if "job_id" not in found:
        deploy("looks", LOOKS.encode())
        body = json.dumps({"inputs": {"stac": json.dumps(STAC), "picture": png()}}).encode()
        path = "processes/looks/execution"
        accepted = ask("POST", path, body, Content_Type="application/json", Prefer="respond-async")
        assert ended(accepted["jobID"])["status"] == "successful"
        found["job_id"] = accepted["jobID"]
    return found["job_id"]


def test_tree_goes_by_keys_and_shows_each_kind(theme, strangers, job_id, open_job, page, axe, shot):
    region = open_job(job_id, tab="results", path="out/v.csv")
    tree = region.get_by_role("tree", name="Results")
    table = region.get_by_role("table")
    expect(table.get_by_role("row").nth(2)).to_contain_text("<img src=x>", timeout=40_000)
    expect(tree.get_by_role("treeitem", name="big.bin")).to_contain_text("315")
    assert axe(".jp-eodh-Page") == []
    shot(f"page-results-{theme}")

    tree.focus()
    page.keyboard.press("ArrowDown")
    look = region.get_by_role("region", name="Quick look of x.json")
    expect(look.get_by_text("a:", exact=True)).to_be_visible()
    expect(look).not_to_contain_text("<b>x</b>")
    look.get_by_text("b:", exact=True).click()
    look.get_by_text("c:", exact=True).click()
    look.get_by_text("1:", exact=True).click()
    expect(look).to_contain_text('d: "<b>x</b>"')
    tree.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    crops = tree.locator("[role=treeitem][aria-expanded=true] + [aria-level='2'][id$='crops%2F0']")
    expect(crops).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(region.get_by_role("region", name="Quick look of 0")).to_contain_text("scene S2B")
    assert page.locator(".jp-eodh-Page img, .jp-eodh-Page h1, .jp-eodh-Page iframe").count() == 0
    assert strangers == []


def test_page_of_html_is_text_and_a_large_file_says_its_size(strangers, job_id, open_job, page):
    region = open_job(job_id, tab="results", path="out/page.html")
    expect(region.get_by_text("<h1>hi</h1>")).to_be_visible(timeout=40_000)
    assert page.title() != "bad"

    region.get_by_role("treeitem", name="big.bin").click()

    expect(region.get_by_text("No preview:")).to_be_visible()
    expect(region.get_by_text("Download, 315")).to_be_visible()
    link = region.get_by_role("link", name="Download")
    assert link.get_attribute("href").endswith(f"/eodh/jobs/{job_id}/results/out/big.bin")
    region.get_by_role("treeitem", name="item.json").click()
    expect(region.get_by_text("STAC Item")).to_be_visible()
    expect(region.get_by_text("veg-1")).to_be_visible()
    assert strangers == []


def test_picture_is_drawn_by_the_runner_and_a_value_is_shown(strangers, job_id, open_job, page):
    region = open_job(job_id, tab="results", path="out/inner/red.png")

    picture = region.get_by_role("img", name="Quick look of red.png")
    expect(picture).to_be_visible(timeout=40_000)
    page.wait_for_function("() => document.querySelector('.jp-eodh-Page img').naturalWidth > 0")
    assert "/eodh/jobs/" in picture.get_attribute("src")
    region.get_by_role("treeitem", name="count").click()
    expect(region.get_by_role("region", name="Quick look of count")).to_contain_text("42")
    assert strangers == []


def test_geotiff_is_drawn_with_its_grid_in_page_and_card(
    strangers, ask, deploy, ended, open_job, page, lab, axe, shot, theme
):
    deploy("mask", MASK.encode())
    body = json.dumps({"inputs": {"scene": geotiff()}}).encode()
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/mask/execution", body, **headers)["jobID"]
    assert ended(job)["status"] == "successful"

    region = open_job(job, tab="results", path="mask")

    picture = region.get_by_role("img", name="Quick look of mask")
    expect(picture).not_to_have_js_property("naturalWidth", 0, timeout=40_000)
    facts = region.get_by_role("region", name="Quick look of mask")
    for fact in ("image/tiff", "96 × 64 px, 1 band, uint8", "EPSG:32630", "255"):
        expect(facts).to_contain_text(fact)
    expect(facts).to_contain_text("Bounds (WGS 84)")
    expect(facts.get_by_text(re.compile(r"^\d+\u00a0(k?m)"))).to_be_visible()
    assert picture.evaluate(LEFT_AND_RIGHT) == [[255] * 4, [0] * 4]
    assert axe(".jp-eodh-Page") == []
    shot(f"page-geotiff-{theme}")
    write_notebook(lab, f"mask-{theme}.ipynb", [card_cell(saved(job, "mask"))])
    args = {"path": f"mask-{theme}.ipynb"}
    page.evaluate("args => { jupyterapp.commands.execute('docmanager:open', args); }", args)
    card = page.locator(".jp-Notebook .jp-eodh-Card")
    look = card.get_by_role("img", name="Quick look of mask.tif")
    expect(look).not_to_have_js_property("naturalWidth", 0, timeout=60_000)
    shot(f"card-geotiff-{theme}", card)
    assert strangers == []


def test_result_goes_into_a_cell_that_reads_it(strangers, job_id, open_job, page, lab):
    open_notebook(page, lab, "insert.ipynb", "1 + 1")
    args = {"jobID": job_id, "tab": "results", "path": "out/v.csv"}
    page.evaluate("args => { jupyterapp.commands.execute('eodh:open-job', args); }", args)
    region = page.get_by_role("region", name=re.compile(f"^Job {job_id[:8]}"))

    region.get_by_role("button", name="Insert as Python").click(timeout=40_000)

    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(1)
    expect(cell.locator(".cm-content")).to_be_focused()
    expect(cell).to_contain_text('v = job.results["out"]["v.csv"].to_pandas()')
    page.keyboard.press("Control+Enter")
    expect(cell.get_by_role("cell", name="412.6")).to_be_visible(timeout=60_000)
    assert strangers == []


def test_large_folder_is_listed_by_pages_with_few_elements(job_id, open_job, page):
    region = open_job(job_id, tab="results", path="many")
    tree = region.get_by_role("tree", name="Results")
    row = tree.get_by_role("treeitem", name="many")
    expect(row).to_have_attribute("aria-selected", "true", timeout=40_000)
    tree.focus()

    with page.expect_response(lambda answer: "path=many" in answer.url):
        page.keyboard.press("ArrowRight")
    expect(row).to_contain_text("450")
    with page.expect_response(lambda answer: "path=many" in answer.url and "after=" in answer.url):
        tree.evaluate("node => { node.scrollTop = node.scrollHeight }")
    with page.expect_response(lambda answer: "path=many" in answer.url and "after=" in answer.url):
        tree.evaluate("node => { node.scrollTop = node.scrollHeight }")
    expect(tree.get_by_text("Listing…")).to_have_count(0)
    page.keyboard.press("End")
    expect(tree.get_by_role("treeitem").last).to_be_visible()
    assert tree.get_by_role("treeitem").count() <= 80


def test_result_is_inserted_as_python_or_copied(job_id, open_job, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    region = open_job(job_id, tab="results", path="out/v.csv")

    expect(region.get_by_role("button", name="Insert as Python")).to_be_visible(timeout=40_000)
    region.get_by_role("button", name="Copy path").click()

    page.wait_for_function(
        "async () => (await navigator.clipboard.readText()) === 'out/v.csv'", timeout=10_000
    )
    code = region.get_by_label("As Python").inner_text()
    assert f'job = eodh_jupyter.Client().job("{job_id}")' in code
    assert 'v = job.results["out"]["v.csv"].to_pandas()' in code


CUBE = {
    ".zgroup": {"zarr_format": 2},
    "ndvi/.zarray": {"shape": [2, 6000, 4000], "dtype": "<f4", "chunks": [1, 512, 512]},
    "ndvi/.zattrs": {"_ARRAY_DIMENSIONS": ["time", "y", "<img src=x>"]},
}


def test_folder_of_zarr_is_one_thing_with_its_variables(
    strangers, ask, deploy, ended, open_job, page, axe, shot
):
    document = {
        "cwlVersion": "v1.2",
        "class": "CommandLineTool",
        "id": "cube",
        "inputs": {"metadata": "string"},
        "outputs": {"cube": {"type": "Directory", "outputBinding": {"glob": "cube.zarr"}}},
        "baseCommand": ["sh", "-c", 'mkdir cube.zarr; echo "$0" > cube.zarr/.zmetadata'],
        "arguments": ["$(inputs.metadata)"],
    }
    deploy("cube", json.dumps(document).encode())
    body = json.dumps({"inputs": {"metadata": json.dumps({"metadata": CUBE})}}).encode()
    headers = {"Content_Type": "application/json", "Prefer": "respond-async"}
    job = ask("POST", "processes/cube/execution", body, **headers)["jobID"]
    assert ended(job)["status"] == "successful"

    region = open_job(job, tab="results", path="cube")

    row = region.get_by_role("table").get_by_role("row").nth(1)
    expect(row).to_contain_text("ndvi", timeout=60_000)
    expect(row).to_contain_text(re.compile("time 2, y 6.000, <img src=x> 4.000"))
    expect(row).to_contain_text("1 × 512 × 512")
    expect(region.get_by_text("Zarr, format 2 · 1 variable · time 2")).to_be_visible()
    expect(region.get_by_label("As Python")).to_contain_text('job.results["cube"].to_xarray()')
    assert page.locator(".jp-eodh-Page img").count() == 0
    assert axe(".jp-eodh-Page") == []
    shot("page-results-zarr")
    assert strangers == []
