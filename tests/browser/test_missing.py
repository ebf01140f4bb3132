"""What the page says when something that it needs is missing, and what it lets be."""

import pytest
from playwright.sync_api import expect

from .card import card_cell, saved, write_notebook
from .test_panel import show_panel

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(page):
    """Collect what the page asks of our routes, sockets too."""
    found = []
    page.on("request", lambda request: "/eodh/" in request.url and found.append(request.url))
    page.on("websocket", lambda socket: "/eodh/" in socket.url and found.append(socket.url))
    return found


@pytest.fixture
def quiet_for(page, asked):
    """Give a function that counts what the page asks in a time that is not waited for."""

    def count(minutes):
        page.clock.install()
        before = len(asked)
        for _ in range(minutes):
            page.clock.run_for(60_000)
        return len(asked) - before

    return count


def test_server_without_its_part_is_told_how_to_enable_it(
    own_server, page, quiet_for, theme, axe, shot
):
    server = own_server(is_enabled=False)
    write_notebook(server.address, "old.ipynb", [card_cell(saved("00000000-0000-4000-8000-1"))])

    panel = show_panel(page, server.address)

    expect(panel).to_contain_text("The server extension is not enabled", timeout=60_000)
    expect(panel).to_contain_text("jupyter server extension enable eodh_jupyter_server")
    shot(f"missing-server-{theme}", panel)
    assert axe("#eodh-panel") == []
    page.evaluate("() => { jupyterapp.commands.execute('docmanager:open', {path: 'old.ipynb'}); }")
    card = page.locator(".jp-Notebook .jp-eodh-Card")
    expect(card).to_have_attribute("data-state", "lost", timeout=60_000)
    expect(card).to_contain_text("The server extension is not enabled")
    shot(f"missing-server-card-{theme}", card)
    assert quiet_for(minutes=10) <= 1


def test_runner_that_cannot_start_says_why_and_shows_its_log(
    own_server, page, tmp_path, theme, axe, shot
):
    (tmp_path / "in the way").write_text("no folder")
    server = own_server(EODH_DATA=str(tmp_path / "in the way"))

    panel = show_panel(page, server.address)

    expect(panel).to_contain_text("The runner cannot start", timeout=60_000)
    expect(panel).to_contain_text("in the way cannot be used")
    expect(panel).to_contain_text("set EODH_DATA to a folder of a local disk")
    shot(f"missing-runner-{theme}", panel)
    assert axe("#eodh-panel") == []
    panel.get_by_role("button", name="Log").click()
    log = page.get_by_role("tabpanel", name="Runner log")
    expect(log).to_contain_text("The runner has written nothing yet.")
    (tmp_path / "in the way").unlink()
    panel.get_by_role("button", name="Try again").click()
    expect(panel).to_contain_text("No process yet", timeout=60_000)


def test_signed_out_page_says_so_and_goes_on_when_one_has_signed_in(
    server, page, open_job, run_job, axe, shot
):
    region = open_job(run_job(seconds=600))
    crop = region.get_by_role("row", name="crop").first
    expect(crop).to_contain_text("Running", timeout=60_000)
    page.get_by_role("tab", name="Workflows").click()
    panel = page.get_by_role("region", name="Workflows")
    live = panel.get_by_role("list", name="Live jobs").get_by_text("vegetation-extent")
    expect(live.first).to_be_visible(timeout=60_000)
    port = server.port

    server.end()
    page.context.clear_cookies()
    server.token = "another-token"
    server.start(port)

    words = "You are signed out. Sign in and come back to this window."
    expect(panel).to_contain_text(words, timeout=60_000)
    expect(panel.get_by_role("button", name="Sign in")).to_be_attached()
    expect(region).to_contain_text(words)
    expect(live.first).to_be_attached()
    shot("signed-out")
    assert axe("#eodh-panel") == []
    other = page.context.new_page()
    other.goto(f"{server.address}/lab?token={server.token}")
    other.close()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(panel).not_to_contain_text(words, timeout=60_000)
    expect(region).not_to_contain_text(words, timeout=30_000)
    expect(crop).to_contain_text("Running")
