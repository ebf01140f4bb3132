"""The server extension in a Jupyter server, before a small runner."""

import shutil
import tempfile
from pathlib import Path

import pytest
from eodh_jupyter_server import runner as runner_module
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.websocket import websocket_connect

from eodh_jupyter.errors import RunnerUnreachable
from eodh_jupyter.local import Connection

from .small_runner import TOKEN, SmallRunner


@pytest.fixture
async def upstream(monkeypatch):
    """Give the small runner; the extension finds it as it would find a real one."""
    folder = tempfile.mkdtemp(prefix="eodh-", dir="/tmp")
    found = SmallRunner(f"{folder}/s")

    def connect(url=None, *, autostart=True):
        if not Path(found.path).exists():
            raise RunnerUnreachable("no runner is installed here; pip install it")
        return Connection("http://runner/ogc-api", uds=found.path)

    monkeypatch.setattr(runner_module, "connect", connect)
    await found.start()
    yield found
    await found.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def app(upstream, tmp_path, monkeypatch):
    """Give a Jupyter Server with login, in this loop, under an address that needs quoting."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / name))
    (socket,) = bind_sockets(0, "127.0.0.1")
    found = ServerApp.instance(
        allow_root=True,
        base_url="/user/a%40b/",
        jpserver_extensions={"eodh_jupyter_server": True},
        open_browser=False,
        port=socket.getsockname()[1],
        root_dir=str(tmp_path),
    )
    found.init_signal = lambda: None
    found.initialize(argv=[], new_httpserver=False)
    found.identity_provider.token = TOKEN
    server = HTTPServer(found.web_app)
    server.add_socket(socket)
    yield found
    server.stop()
    await server.close_all_connections()
    await found._cleanup()
    ServerApp.clear_instance()


@pytest.fixture
def address(app):
    return f"http://127.0.0.1:{app.port}{app.base_url}eodh/"


@pytest.fixture
def fetch(address):
    """Give a function that asks as one who is logged in."""

    async def ask(path, *, headers=None, **options):
        headers = headers or {"Authorization": f"token {TOKEN}"}
        return await AsyncHTTPClient().fetch(address + path, headers=headers, **options)

    return ask


@pytest.fixture
async def open_stream(address):
    sockets = []

    async def connect():
        headers = {"Authorization": f"token {TOKEN}"}
        url = address.replace("http", "ws", 1) + "stream"
        sockets.append(await websocket_connect(HTTPRequest(url, headers=headers)))
        return sockets[-1]

    yield connect
    for socket in sockets:
        socket.close()
