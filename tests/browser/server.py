"""A Jupyter server of a test's own, with the labextension as it was built."""

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

from ..integration.conftest import end_step_runs, stop

ROOT = Path(__file__).parents[2]
TOKEN = "browser-test-token"


def send(authorization, method, url, body=None, **headers):
    """Send a request as one who bears this authorization; give the JSON of its answer."""
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Authorization", authorization)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


class Server:
    """JupyterLab, or another application, whose runner keeps its data in a scratch folder.

    Parameters
    ----------
    options
        Further options of the command line.
    is_enabled
        Whether our server extension is.
    environment
        Changes to the environment of the server, and so of the runner.
    """

    def __init__(
        self,
        home: Path,
        *options: str,
        app: str = "lab",
        is_enabled: bool = True,
        **environment: str,
    ) -> None:
        if not (ROOT / "eodh_jupyter" / "labextension" / "package.json").exists():
            pytest.skip("the labextension is not built; run make test")
        self.home, self.data = home, home / "data"
        self._options, self._app, self._environment = options, app, environment
        self._process = None
        self._is_enabled = is_enabled
        #: What it takes at its next start.
        self.token = TOKEN
        #: Without a `/` at its end.
        self.address = ""
        share = home / "share" / "labextensions" / "@eodh"
        share.mkdir(parents=True)
        shutil.copytree(ROOT / "eodh_jupyter" / "labextension", share / "jupyterlab-workflows")
        settings = home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        news = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(news))
        themes = {"adaptive-theme": True}
        (settings / "themes.jupyterlab-settings").write_text(json.dumps(themes))

    def start(self, port: int = 0) -> "Server":
        """Start, and wait until it listens."""
        home = self.home
        env = {
            **os.environ,
            "EODH_DATA": str(self.data),
            "EODH_CONTAINERS": "host",
            "EODH_IDLE_TIMEOUT_S": "120",
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(home / "share"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "PYTHONPATH": os.pathsep.join(
                str(ROOT / folder) for folder in (".", "server_ext", "runner_backend")
            ),
            **self._environment,
        }
        command = [sys.executable, "-m", "jupyter", self._app, "--no-browser", "--allow-root"]
        command += [f"--port={port}", f"--IdentityProvider.token={self.token}"]
        command += [
            f"--ServerApp.root_dir={home}",
            "--LabApp.extension_manager=readonly",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]
        command += [
            f"--ServerApp.jpserver_extensions={{'eodh_jupyter_server': {self._is_enabled}}}"
        ]
        log = home / "log"
        with log.open("wb") as out:
            command += self._options
            self._process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
        self.address = _address(log, self._process)
        return self

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(re.search(r":(\d+)", self.address)[1])

    def end(self) -> None:
        """End the server; the runner lives on."""
        self._process.terminate()
        self._process.wait(60)

    def close(self) -> None:
        """End the server and the runner."""
        self.end()
        stop(self.data)
        end_step_runs(self.data)


def _address(log, process):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(
            r"http://(?:localhost|127\.0\.0\.1):(\d+)(/\S*?)?/(?:lab|tree)", log.read_text()
        )
        if found and _answers(int(found[1])):
            return f"http://127.0.0.1:{found[1]}{found[2] or ''}"
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-3000:]}")


def _answers(port):
    """Tell whether the server listens: it names its address a moment earlier."""
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True
