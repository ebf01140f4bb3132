"""The launch form where the runner is elsewhere: files of this server are sent to it."""

import hashlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import expect

from .server import ROOT, send
from .server import TOKEN as JUPYTER_TOKEN

pytestmark = pytest.mark.browser

TOKEN = "a-token-of-a-shared-runner"
LIMIT_BYTES = 4_000_000
CAT = b"""
cwlVersion: v1.2
class: CommandLineTool
id: count
baseCommand: [sh, -c, 'wc -c < "$0"; ls "$1"']
stdout: out.txt
inputs:
  scene: {label: Scene, type: File, inputBinding: {position: 1}}
  folder: {label: Folder, type: Directory, inputBinding: {position: 2}}
outputs: {out: stdout}
"""


@pytest.fixture
def shared_runner(tmp_path):
    """Give the address of a runner on TCP that sees no file of ours by path."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (tmp_path / "token").write_text(TOKEN)
    argv = [sys.executable, "-m", "eodh_runner", "serve", "--data", str(tmp_path / "far")]
    argv += ["--tcp", f"127.0.0.1:{port}", "--token-file", str(tmp_path / "token")]
    env = {
        **os.environ,
        "EODH_CONTAINERS": "host",
        "EODH_INPUT_LIMIT_BYTES": str(LIMIT_BYTES),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "runner_backend"))),
    }
    process = subprocess.Popen(argv, env=env)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/ping", timeout=5)
            break
        except OSError:
            time.sleep(0.05)
    yield f"{url}/ogc-api"
    process.terminate()
    process.wait(20)


@pytest.fixture
def far(shared_runner):
    """Give a function that asks the shared runner itself."""

    def ask(method, path, body=None, **headers):
        return send(f"Bearer {TOKEN}", method, f"{shared_runner}/{path}", body, **headers)

    ask("POST", "processes", CAT, Content_Type="application/cwl+yaml")
    return ask


@pytest.fixture
def form(far, shared_runner, own_server, page, strangers):
    server = own_server(EODH_RUNNER_URL=shared_runner, EODH_TOKEN=TOKEN)
    (server.home / "scene.tif").write_bytes(b"s" * 3_000_000)
    (server.home / "large.tif").write_bytes(b"l" * (LIMIT_BYTES + 1))
    (server.home / "tiles" / "deep").mkdir(parents=True)
    (server.home / "tiles" / "a b.txt").write_text("a")
    (server.home / "tiles" / "deep" / "c.txt").write_text("c")
    page.goto(f"{server.address}/lab?reset&token={JUPYTER_TOKEN}")
    page.wait_for_function(
        "() => window.jupyterapp?.commands.hasCommand('eodh:launch-process')", timeout=60_000
    )
    page.evaluate(
        "() => { jupyterapp.commands.execute('eodh:launch-process', {processID: 'count'}); }"
    )
    found = page.get_by_role("region", name="Launch count")
    expect(found.get_by_role("textbox", name="Scene")).to_be_visible(timeout=60_000)
    yield found
    assert strangers == []


def test_files_of_this_server_are_sent_once_and_read_by_the_job(form, far, page, axe, shot):
    expect(form.get_by_text("sent to the runner at launch, up to 4")).to_have_count(2)
    form.get_by_role("textbox", name="Scene").fill("scene.tif")
    form.get_by_role("textbox", name="Folder").fill("tiles")
    shot("form-elsewhere")
    assert axe(".jp-eodh-Form") == []

    form.get_by_role("button", name="Launch", exact=True).click()

    # What was launched is opened over the form.
    expect(page.get_by_role("region", name=re.compile("^Job "))).to_be_visible(timeout=60_000)
    (job,) = far("GET", "jobs")["jobs"]
    inputs = far("GET", f"jobs/{job['jobID']}")["inputs"]
    sha256 = hashlib.sha256(b"s" * 3_000_000).hexdigest()
    assert inputs["scene"]["location"] == f"eodh-store:///local/inputs/{sha256}/scene.tif"
    listing = inputs["folder"]["listing"]
    assert [entry["basename"] for entry in listing] == ["a b.txt", "deep"]
    assert [entry["basename"] for entry in listing[1]["listing"]] == ["c.txt"]
    deadline = time.monotonic() + 60
    while (status := far("GET", f"jobs/{job['jobID']}"))["status"] in ("accepted", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status["status"] == "successful", status


def test_file_above_the_limit_is_refused_before_it_is_read(form, far):
    form.get_by_role("textbox", name="Scene").fill("large.tif")
    form.get_by_role("textbox", name="Folder").fill("tiles")

    form.get_by_role("button", name="Launch", exact=True).click()

    refusal = form.get_by_text(re.compile(r"large\.tif has 0\.004 GB; this runner takes files of"))
    expect(refusal).to_be_visible(timeout=60_000)
    assert far("GET", "jobs")["jobs"] == []
