"""A real JupyterLab over a real runner, in Debian's Chromium."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from ..integration.conftest import stop

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
TOKEN = "browser-test-token"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there; install Debian's chromium")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Give the address of a JupyterLab whose runner keeps its data in a scratch folder."""
    home = tmp_path_factory.mktemp("lab")
    if not (ROOT / "eodh_jupyter" / "labextension" / "package.json").exists():
        pytest.skip("the labextension is not built; run make test")
    share = home / "share" / "labextensions" / "@eodh"
    share.mkdir(parents=True)
    shutil.copytree(ROOT / "eodh_jupyter" / "labextension", share / "jupyterlab-workflows")
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    news = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
    themes = {"adaptive-theme": True}
    (settings / "themes.jupyterlab-settings").write_text(json.dumps(themes))
    env = {
        **os.environ,
        "EODH_DATA": str(home / "data"),
        "EODH_CONTAINERS": "host",
        "EODH_IDLE_TIMEOUT_S": "5",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "share"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "PYTHONPATH": os.pathsep.join(
            str(ROOT / folder) for folder in (".", "server_ext", "runner_backend")
        ),
    }
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += ["--port=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home}"]
    command += ["--ServerApp.jpserver_extensions={'eodh_jupyter_server': True}"]
    command += ["--LabApp.extension_manager=readonly"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    try:
        yield _address(home / "log", process)
    finally:
        process.terminate()
        process.wait(20)
        stop(home / "data")


def _address(log, process):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/", log.read_text())
        if found and _answers(int(found[1])):
            return f"http://127.0.0.1:{found[1]}"
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def _answers(port):
    """Tell whether the server listens: it names its address a moment earlier."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["light", "dark"])
def theme(request, page):
    """Show the page in JupyterLab's light and dark theme in turn."""
    page.emulate_media(color_scheme=request.param)
    return request.param


@pytest.fixture
def axe(page):
    """Give a function that lists what axe-core finds serious or critical within a selector."""
    script = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

    def check(selector):
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(script.read_text())
        found = page.evaluate("selector => axe.run(selector)", selector)
        return [
            f"{entry['id']}: {node['html'][:200]} {node['failureSummary']}"
            for entry in found["violations"]
            if entry["impact"] in ("serious", "critical")
            for node in entry["nodes"]
        ]

    return check


@pytest.fixture
def shot(page, tmp_path):
    """Give a function that saves a picture of a locator, where SCREENSHOTS says."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))

    def save(name, locator=None):
        (locator or page).screenshot(path=folder / f"{name}.png")

    return save


@pytest.fixture
def ask(lab):
    """Give a function that sends a request through the server's proxy."""

    def send(method, path, body=None, **headers):
        request = urllib.request.Request(f"{lab}/eodh/{path}", data=body, method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    return send


@pytest.fixture
def strangers(page, lab):
    """Collect requests to any other host; they are not let out."""
    found = []

    def gate(route):
        if route.request.url.startswith((lab, "data:", "blob:")):
            route.continue_()
        else:
            found.append(route.request.url)
            route.abort()

    page.route("**/*", gate)
    return found


@pytest.fixture
def deploy(ask):
    """Give a function that deploys a document under its id, in the place of an earlier one."""

    def send(process_id, document):
        known = {process["id"] for process in ask("GET", "processes")["processes"]}
        method, path = ("PUT", f"/{process_id}") if process_id in known else ("POST", "")
        ask(method, f"processes{path}", document, Content_Type="application/cwl+yaml")

    return send
