"""The launch form as a person sees it."""

import json
import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from eodh_jupyter.inputs import from_pairs, to_wire
from eodh_jupyter.parser import make_parser, split, with_options
from eodh_jupyter.verbs import pairs_of

from .forms import EVERY_KIND, add, box_of, form_of, paste

pytestmark = pytest.mark.browser


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


def test_form_launches_once_what_was_typed(page, open_form, deploy, ask, home, shot):
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
    shot("launch-form", form)

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


def test_code_of_the_form_gives_what_the_form_sends(page, open_form, deploy, ask, home):
    (home / "a b.tif").write_text("x")
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    form.get_by_label("Scene", exact=True).fill("a b.tif")
    paste(form.get_by_label("Area: West"), "-2.9, 53.1, -1.7, 53.8")
    form.get_by_label("From", exact=True).fill("2024-07-01")
    form.get_by_label("Seen", exact=True).fill("2024-07-01 10:00")
    form.get_by_label("Outline", exact=True).fill("POLYGON ((0 0, 4 0, 4 3, 0 0))")
    form.get_by_label("Threshold", exact=True).fill("0")
    form.get_by_label("Mask clouds").uncheck()
    form.get_by_role("radio", name="EVI").check()
    add(form, "Bands", 'it\'s "b" [1]', "$x {y};")
    form.get_by_label("Projection", exact=True).fill("EPSG:4326")
    form.get_by_label("Note", exact=True).fill("$HOME isn't {here}; 'a' \"b\" \\n")
    form.get_by_label("Extra", exact=True).fill('{"big": 9007199254740993, "e": [null, true]}')

    form.get_by_role("button", name="Copy as magic").click()
    magic = form.get_by_role("region", name="As magic").locator("pre").inner_text()
    form.get_by_role("button", name="Copy as Python").click()
    python = form.get_by_role("region", name="As Python").locator("pre").inner_text()
    form.get_by_label("Note", exact=True).press("Control+Enter")

    sent = sent_inputs(page, ask)
    assert sent["bands"] == ["B04", "B08", "B11", 'it\'s "b" [1]', "$x {y};"]
    assert sent["extra"]["big"] == 9007199254740993
    assert sent["output"] == {"resolution": 10, "projection": "EPSG:4326"}
    described = ask("GET", "processes/vegetation-extent")["inputs"]
    assert run_magic(magic, described) == sent
    assert run_python(python, described) == sent


def sent_inputs(page, ask):
    """Give what the job was launched with whose page has opened."""
    job = page.get_by_role("region", name=re.compile(r"^Job \w{8} of"))
    job_id = re.search(r"Job (\w{8})", job.get_attribute("aria-label"))[1]
    known = [one["jobID"] for one in ask("GET", "jobs?limit=5")["jobs"]]
    return ask("GET", f"jobs/{next(one for one in known if one.startswith(job_id))}")["inputs"]


def run_magic(text, described):
    """Give what the magic sends; it is parsed by the product."""
    words, _ = split(text.removeprefix("%workflow "))
    parser, verbs = make_parser()
    arguments = parser.parse_args(["launch", *with_options(words[1:], verbs["launch"])])
    assert arguments.process == "vegetation-extent"
    return to_wire(from_pairs(pairs_of(arguments.input, {}), described), described)


def run_python(text, described):
    """Give what the Python sends; the client alone is replaced."""
    taken = {}

    class Client:
        def process(self, process_id):
            return self

        def execute(self, **inputs):
            taken.update(to_wire(inputs, described))

    exec(text.replace("from eodh_jupyter import Client", ""), {"Client": Client})
    return taken


def test_form_is_used_by_the_keyboard_alone(page, open_form, deploy, ask, home):
    (home / "a.tif").write_text("x")
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    scene, west = form.get_by_label("Scene", exact=True), form.get_by_label("Area: West")
    scene.focus()

    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="3 inputs need attention")).to_be_attached()
    page.keyboard.press("F8")
    expect(west).to_be_focused()
    page.keyboard.press("F8")
    expect(form.get_by_label("From", exact=True)).to_be_focused()
    page.keyboard.type("2024-07-01")
    page.keyboard.press("Shift+F8")
    expect(west).to_be_focused()
    page.keyboard.press("Shift+F8")
    page.keyboard.type("a.tif")
    expect(scene).to_have_value("a.tif")

    area = form.get_by_role("application", name="Map for Area")
    area.focus()
    page.keyboard.press("Enter")
    first = box_of(form)
    page.keyboard.press("ArrowRight")
    moved = box_of(form)
    assert moved[0] > first[0]
    assert moved[2] - moved[0] == pytest.approx(first[2] - first[0])
    page.keyboard.press("Shift+ArrowUp")
    assert box_of(form)[3] > moved[3]
    assert box_of(form)[1] == moved[1]
    page.keyboard.press("Control+Enter")

    assert sent_inputs(page, ask)["start"] == "2024-07-01"


def is_saved(request):
    return "/api/workspaces" in request.url and "B12" in (request.post_data or "")


def test_form_comes_back_with_what_was_typed(page, open_form, deploy):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    form.get_by_label("Note", exact=True).fill("not lost")
    form.get_by_label("Login", exact=True).fill("hush")
    with page.expect_request(is_saved) as saved:
        add(form, "Bands", "B12")
    assert "hush" not in saved.value.post_data
    saved.value.response()

    page.goto(page.url.split("?")[0])

    again = form_of(page, "vegetation-extent")
    expect(again.get_by_label("Note", exact=True)).to_have_value("not lost")
    expect(again.get_by_role("button", name="B12, entry 4 of 4")).to_be_visible()
    expect(again.get_by_label("Login", exact=True)).to_have_value("")


def test_run_again_shows_what_differs_from_the_job(page, lab, open_form, deploy, ask, shot):
    document = EVERY_KIND.replace(b"scene: {label: Scene, type: File}", b"scene: string")
    deploy("run-again", document.replace(b"id: vegetation-extent", b"id: run-again"))
    inputs = {"scene": "a", "area": [1, 2, 3, 4], "start": "2024-07-01", "note": "", "threshold": 0}
    job = ask(
        "POST",
        "processes/run-again/execution",
        json.dumps({"inputs": inputs}).encode(),
        Content_Type="application/json",
        Prefer="respond-async",
    )["jobID"]
    form = open_form("run-again")

    form.get_by_role("button", name="Fill from a past job").click()
    page.get_by_role("dialog").get_by_role("button", name="Fill").click()

    expect(form.get_by_text(f"Again from job {job[:8]} · 0 changes")).to_be_visible()
    expect(form.get_by_label("Threshold", exact=True)).to_have_value("0")
    expect(form.get_by_text("empty text", exact=True)).to_be_visible()
    form.get_by_label("Cloud limit", exact=True).fill("35")
    expect(form.get_by_text("Was the default, 20\u00a0%.")).to_be_visible()
    expect(form.get_by_text("changed", exact=True)).to_be_visible()
    expect(form.get_by_text("· 1 change")).to_be_visible()
    form.get_by_role("button", name="Hide").click()
    expect(form.get_by_label("Note", exact=True)).to_have_count(0)
    expect(form.get_by_label("Cloud limit", exact=True)).to_be_visible()
    shot("launch-form-again")


@pytest.mark.parametrize(("width", "zoom"), [(400, 1), (900, 2)])
def test_form_fits_a_narrow_place(page, open_form, deploy, theme, axe, shot, width, zoom):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    # A zoomed browser has fewer pixels of the page in the same window.
    page.set_viewport_size({"width": width // zoom, "height": 1000 // zoom})

    expect(form.get_by_role("button", name="Copy as magic")).to_be_in_viewport()
    form.get_by_label("Extra", exact=True).scroll_into_view_if_needed()
    expect(form.get_by_label("Extra", exact=True)).to_be_in_viewport()
    wide = """node => [...node.querySelectorAll('*')]
      .filter(one => one.scrollWidth > one.clientWidth + 1)
      .filter(one => getComputedStyle(one).overflowX === 'auto')
      .map(one => one.className)"""
    assert form.evaluate(wide) == []
    assert axe(".jp-eodh-Form") == []
    shot(f"launch-form-{width}-{zoom}-{theme}")


def deployed_of(ask, file):
    """Give the process of a package; None for one that is wrong on purpose."""
    try:
        return ask("POST", "processes", file.read_bytes(), Content_Type="application/cwl+yaml")
    except HTTPError as error:
        if error.code != 400:
            raise
        return None


def test_every_package_at_hand_can_be_drawn(open_form, ask, shared):
    drawn = 0
    for file in sorted((shared / "fixtures" / "application-packages").rglob("*.cwl")):
        deployed = deployed_of(ask, file)
        if deployed is None:
            continue
        names = [
            field["label"] for field in ask("GET", f"processes/{deployed['id']}/form")["fields"]
        ]
        form = open_form(deployed["id"])
        assert form.locator(".jp-eodh-Form-column > *").count() == len(names)
        for name in names:
            expect(form.get_by_text(name, exact=True).first).to_be_attached()
        drawn += 1
        ask("DELETE", f"processes/{deployed['id']}")
    assert drawn >= 8
