"""The launch form as a person sees it."""

import re

import pytest
from playwright.sync_api import expect

from .server import TOKEN

pytestmark = pytest.mark.browser

#: Fields of every kind; the tool itself only says hello.
EVERY_KIND = b"""
cwlVersion: v1.2
class: CommandLineTool
id: vegetation-extent
label: Vegetation extent
baseCommand: [echo, hello]
stdout: said.txt
$namespaces: {s: "https://schema.org/"}
inputs:
  scene: {label: Scene, type: File}
  area: {label: Area, type: {type: record, fields: [{name: bbox, type: "double[]"}]}}
  start:
    label: From
    type: {type: record, name: string_format.yaml/Date, fields: [{name: value, type: string}]}
  seen:
    label: Seen
    type:
    - "null"
    - {type: record, name: string_format.yaml/DateTime, fields: [{name: value, type: string}]}
  login:
    label: Login
    type:
    - "null"
    - {type: record, name: string_format.yaml/Password, fields: [{name: value, type: string}]}
  outline:
    label: Outline
    type:
    - "null"
    - type: record
      fields:
      - {name: type, type: {type: enum, symbols: [Polygon]}}
      - {name: coordinates, type: Any}
  threshold:
    label: Threshold
    doc: "Not set: Otsu's method finds it."
    type: double?
    s:minValue: 0
    s:maxValue: 1
  cloud_limit:
    label: Cloud limit
    type: int
    default: 20
    s:minValue: 0
    s:maxValue: 100
    s:unitText: "%"
  index: {label: Index, type: {type: enum, symbols: [NDVI, EVI, SAVI]}, default: NDVI}
  season:
    label: Season
    type: {type: enum, symbols: [winter, spring, summer, autumn, all]}
    default: all
  mask_clouds:
    {label: Mask clouds, doc: Uses the scene classification layer., type: boolean, default: true}
  bands: {label: Bands, type: "string[]", default: [B04, B08, B11]}
  output:
    label: Output
    default: {resolution: 10, projection: "EPSG:32630"}
    type:
      type: record
      fields:
      - {name: resolution, label: Resolution, type: float, s:unitText: m}
      - {name: projection, label: Projection, type: string}
  note: {label: Note, type: string?}
  weights: {label: Weights, type: ["null", float, {type: array, items: float}]}
  tiles: {label: Tiles, type: "Directory[]?"}
  extra: {label: Extra, type: Any?}
outputs: {said: stdout}
"""


@pytest.fixture
def open_form(page, lab, strangers):
    """Give a function that opens the form of a process from the panel of a fresh page."""

    def go(process_id, width=1480, height=1000):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{lab}/lab?reset&token={TOKEN}")
        page.get_by_role("tab", name="Workflows").click(timeout=60_000)
        panel = page.get_by_role("region", name="Workflows")
        panel.get_by_text(process_id, exact=True).first.hover()
        panel.get_by_role("button", name=f"Launch {process_id}", exact=True).click()
        page.get_by_role("tab", name="Workflows").click()
        return form_of(page, process_id)

    yield go
    assert strangers == []


def form_of(page, process_id):
    form = page.get_by_role("region", name=f"Launch {process_id}")
    form.get_by_role("button", name="Launch", exact=True).wait_for(timeout=30_000)
    return form


@pytest.fixture
def home(server):
    """Give the folder that the file browser shows."""
    return server.home


def test_form_draws_every_kind_and_says_what_is_needed(open_form, deploy, theme, shot, axe):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    for label in ("Scene", "From", "Threshold", "Season", "Mask clouds", "Note", "Extra"):
        expect(form.get_by_label(label, exact=True)).to_be_visible()
    expect(form.get_by_role("application", name="Map for Area")).to_be_visible()
    assert axe(".jp-eodh-Form") == []

    form.get_by_role("button", name="Launch", exact=True).click()

    expect(form.get_by_text("3 inputs need attention: Scene, Area, From")).to_be_visible()
    expect(form.get_by_label("Scene", exact=True)).to_be_focused()
    expect(form.get_by_label("Scene", exact=True)).to_have_accessible_description(
        re.compile("This input is needed")
    )
    assert axe(".jp-eodh-Form") == []
    shot(f"launch-form-{theme}")


def test_form_launches_once_what_was_typed(page, open_form, deploy, ask, home):
    (home / "a b.tif").write_text("x")
    deploy("vegetation-extent", EVERY_KIND)
    before = len(ask("GET", "jobs?limit=100")["jobs"])
    form = open_form("vegetation-extent")
    form.get_by_label("Scene", exact=True).fill("a b.tif")
    paste(form.get_by_label("Area: West"), "POLYGON ((-2.9 53.1, -1.7 53.1, -1.7 53.8, -2.9 53.1))")
    form.get_by_label("From", exact=True).fill("2024-07-01")
    form.get_by_label("Cloud limit", exact=True).fill("1e1")
    expect(form.get_by_text("Found: 1 B", exact=False)).to_be_visible()
    expect(form.get_by_text("Ready.")).to_be_visible()

    form.get_by_role("button", name="Launch", exact=True).dblclick()

    expect(page.get_by_role("tab", name="vegetation-extent", exact=False)).to_have_count(2)
    page.get_by_role("tab", name="Launch vegetation-extent").click()
    expect(form.get_by_text("Launched as job")).to_be_visible()
    jobs = ask("GET", "jobs?limit=100")["jobs"]
    assert len(jobs) == before + 1
    assert ask("GET", f"jobs/{jobs[0]['jobID']}")["inputs"] == {
        "scene": {"class": "File", "location": (home / "a b.tif").as_uri()},
        "area": [-2.9, 53.1, -1.7, 53.8],
        "start": "2024-07-01",
        "cloud_limit": 10,
    }


def paste(locator, text):
    """Paste into a field, as the clipboard of a person would."""
    locator.evaluate(
        """(node, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text', text);
          node.dispatchEvent(
            new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )
