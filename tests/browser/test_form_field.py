"""The fields of the launch form: what is typed, drawn, chosen and dropped."""

import pytest
from playwright.sync_api import expect

from .forms import EVERY_KIND, box_of, drag, paste

pytestmark = pytest.mark.browser


def test_box_is_drawn_moved_and_resized_by_the_pointer(page, open_form, deploy):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    area = form.get_by_role("application", name="Map for Area")
    place = area.bounding_box()
    x, y = place["x"], place["y"]

    drag(page, (x + 200, y + 60), (x + 260, y + 120))
    drawn = box_of(form)
    drag(page, (x + 230, y + 90), (x + 250, y + 90))
    moved = box_of(form)
    drag(page, (x + 280, y + 120), (x + 310, y + 140))
    resized = box_of(form)

    assert drawn[0] < drawn[2]
    assert drawn[1] < drawn[3]
    assert moved[0] > drawn[0]
    assert (moved[1], moved[3]) == (drawn[1], drawn[3])
    assert (resized[0], resized[3]) == (moved[0], moved[3])
    assert resized[2] > moved[2]
    assert resized[1] < moved[1]


def test_messages_come_on_leaving_a_field_and_go_when_it_is_right(page, open_form, deploy, home):
    (home / "scenes").mkdir(exist_ok=True)
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    limit = form.get_by_label("Cloud limit", exact=True)
    limit.fill("120")
    expect(form.get_by_text("At most 100\u00a0%.")).to_have_count(0)

    limit.press("Tab")
    expect(form.get_by_text("At most 100\u00a0%.")).to_be_visible()
    expect(limit).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_text("1 input needs attention: Cloud limit")).to_be_visible()
    limit.fill("100")
    expect(form.get_by_text("At most 100\u00a0%.")).to_have_count(0)
    form.get_by_role("button", name="Use default of Cloud limit").click()
    expect(limit).to_have_value("20")

    scene = form.get_by_label("Scene", exact=True)
    scene.fill("nowhere.tif")
    expect(form.get_by_text("Nothing at nowhere.tif.")).to_be_visible()
    scene.fill("scenes")
    expect(form.get_by_text("scenes is a folder.")).to_be_visible()
    west = form.get_by_label("Area: West")
    paste(west, "SRID=32630;POINT (500000 5900000)")
    expect(form.get_by_text("EPSG:32630", exact=False)).to_be_visible()


def test_calendar_is_opened_by_keys_and_its_day_is_taken(page, open_form, deploy):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    page.evaluate(
        """() => {
          const show = HTMLInputElement.prototype.showPicker;
          window.shown = [];
          HTMLInputElement.prototype.showPicker = function () {
            show.call(this);
            window.shown.push(this.type);
          };
        }"""
    )
    day = form.get_by_label("From", exact=True)
    day.fill("2024-07-01")
    page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Calendar for From")).to_be_focused()

    page.keyboard.press("Enter")

    page.wait_for_function("shown.length > 0")
    calendar = form.locator("input[type=date]").first
    expect(calendar).to_have_value("2024-07-01")
    calendar.fill("2024-07-02", force=True)
    expect(day).to_have_value("2024-07-02")


def test_what_the_runner_refuses_stands_at_its_field(open_form, deploy):
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    form.get_by_label("Scene", exact=True).fill("/nowhere/on this disk.tif")
    paste(form.get_by_label("Area: West"), "170, -20, -170, -10")
    expect(form.get_by_text("It crosses the date line.", exact=False)).to_be_visible()
    form.get_by_label("From", exact=True).fill("2024-07-01")

    form.get_by_role("button", name="Launch", exact=True).click()

    expect(form.get_by_text("1 input needs attention: Scene")).to_be_visible()
    expect(form.get_by_label("Scene", exact=True)).to_be_focused()
    expect(form.get_by_text("/nowhere/on this disk.tif does not exist.")).to_be_visible()


def test_files_are_chosen_in_the_file_browser(page, open_form, deploy, home):
    (home / "chosen").mkdir(exist_ok=True)
    (home / "chosen" / "a scene.tif").write_text("x")
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")

    form.get_by_role("button", name="Browse for Scene").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("chosen", exact=True).dblclick()
    dialog.get_by_text("a scene.tif", exact=True).click()
    dialog.get_by_role("button", name="Select").click()

    expect(form.get_by_label("Scene", exact=True)).to_have_value(
        str(home / "chosen" / "a scene.tif")
    )
    expect(form.get_by_text("Found: 1\u00a0B", exact=False)).to_be_visible()


def test_files_are_dropped_from_the_file_browser(page, open_form, deploy, home):
    (home / "dropped.tif").write_text("x")
    deploy("vegetation-extent", EVERY_KIND)
    form = open_form("vegetation-extent")
    page.get_by_role("tab", name="File Browser").click()
    scene = form.get_by_label("Scene", exact=True)
    file = page.locator(".jp-DirListing-item", has_text="dropped.tif")
    file.wait_for()
    start, end = file.bounding_box(), scene.bounding_box()

    drag(page, (start["x"] + 20, start["y"] + 8), (end["x"] + 20, end["y"] + 8))

    expect(scene).to_have_value(str(home / "dropped.tif"))
