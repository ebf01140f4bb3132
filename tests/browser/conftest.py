"""A real JupyterLab over a real runner, in Debian's Chromium."""

import json
import os
import re
import shutil
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
        if found:
            return f"http://127.0.0.1:{found[1]}"
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


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
