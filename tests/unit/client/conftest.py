"""A small runner on a unix socket, found as a real one is."""

import hashlib
import json
import os
import re
import socketserver
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import pytest

from eodh_jupyter import Client
from eodh_jupyter.local import connection_path

BASE = "http://runner/ogc-api"
JOB = "3f8212b5-0000-4000-8000-000000000001"
SCHEMAS = {
    "scene": {"type": "string", "format": "uri", "x-cwl-class": "File"},
    "threshold": {"type": "number", "default": 0.2},
    "names": {"type": "array", "items": {"type": "string"}},
    "label": {"type": "string"},
    "flag": {"type": "boolean"},
}
DESCRIPTION = {
    "id": "ndvi",
    "title": "NDVI <b>",
    "version": "1.2",
    "inputs": {
        name: {"title": name, "description": f"{name} <i>", "minOccurs": 1, "schema": schema}
        for name, schema in SCHEMAS.items()
    },
    "outputs": {"mask": {"title": "mask", "description": "", "schema": {"x-cwl-class": "File"}}},
}
FIELDS = [
    {"name": "scene", "label": "Scene", "help": "a file", "kind": "file", "required": False},
    {
        "name": "threshold",
        "label": "Threshold",
        "kind": "number",
        "required": False,
        "default": 0.2,
        "minimum": 0,
        "maximum": 1,
        "schema": {"type": "number", "minimum": 0, "maximum": 1},
    },
    {
        "name": "names",
        "label": "Names",
        "kind": "array",
        "required": False,
        "item": {"name": "", "kind": "text", "required": True},
    },
    {"name": "label", "label": "Label", "help": "a text", "kind": "text", "required": False},
    {"name": "flag", "label": "Flag", "kind": "boolean", "required": False},
]
FAILURE = {
    "class": "command",
    "message": "crop ended with code 3.",
    "remedy": "See the line above.",
    "step": "crop/0",
    "exit_code": 3,
    "log_line": "Error: <boom>",
}
MASK = {
    "href": f"{BASE}/jobs/{JOB}/results/mask",
    "type": "image/tiff",
    "title": "mask.tif",
    "length": 6,
}


def event(seq, kind, **data):
    return {"seq": seq, "position": seq, "time": "", "kind": kind, "data": data, "jobID": JOB}


def step(seq, state, **more):
    return event(seq, "step", path="crop/0", log="crop.0", state=state, attempt=1, **more)


SUCCESS = [
    event(1, "job", status="accepted", message="", progress=0),
    event(2, "job", status="running", message="", progress=0),
    step(3, "running"),
    event(4, "progress", progress=50, done=1, total=2),
    step(5, "done", wall_s=1.5),
    event(6, "job", status="successful", message="", progress=100),
]
FAILED = [*SUCCESS[:3], step(4, "failed"), event(5, "job", status="failed", failure=FAILURE)]


class FakeRunner:
    """What the server answers with, what it was asked, and which faults it shows."""

    def __init__(self):
        self.requests = []
        self.events = SUCCESS
        self.status = {"jobID": JOB, "processID": "ndvi", "status": "accepted", "progress": 0}
        self.results = {"mask": MASK, "area": 0}
        self.is_deployed = False
        self.jobs_by_key = {}
        self.answers = {}
        #: Bytes of what results hold, by path ("mask", "stac/catalog.json").
        self.files = {"mask": b"raster"}
        self.previews = {}
        self.form = FIELDS
        #: What was put as inputs, by "sha256/name".
        self.inputs = {}
        #: Cut the answer to these many requests of a path, after they were taken.
        self.cuts = {}
        #: Cut the stream behind these sequence numbers, once each.
        self.cut_behind = []
        self.is_held = threading.Event()
        self.is_held.set()

    def add(self, method, path, status, body):
        self.answers[method, path] = (status, body)

    def bodies(self, method, path):
        return [r["body"] for r in self.requests if (r["method"], r["path"]) == (method, path)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeRunner

    def log_message(self, *_):
        pass

    def address_string(self):
        return "unix"

    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        path, _, query = self.path.removeprefix("/ogc-api/").partition("?")
        request = {"method": self.command, "path": path, "query": query}
        request["body"], request["headers"] = self.rfile.read(length), dict(self.headers)
        self.fake.requests.append(request)
        answer = self.answer(path, request)
        if self.fake.cuts.get(path, 0) > 0:
            self.fake.cuts[path] -= 1
            self.close_connection = True
            return
        if answer is not None:
            self.send(*answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815  the names of http.server

    def answer(self, path, request):
        fake, method = self.fake, self.command
        if (method, path) in fake.answers:
            return fake.answers[method, path]
        if path == "/ping":
            return 200, {}
        if path == "processes" and method == "POST":
            if fake.is_deployed:
                return 409, {"detail": "process 'ndvi' is deployed already", "processID": "ndvi"}
            fake.is_deployed = True
            return 201, {"id": "ndvi"}
        if path == "processes":
            return 200, {"processes": [{"id": "ndvi", "title": "NDVI"}], "links": []}
        if path == "processes/ndvi":
            return (200, DESCRIPTION) if method == "GET" else (204, b"")
        if path == "processes/ndvi/form":
            return 200, {"process": "ndvi", "revision": 1, "fields": fake.form}
        if path.startswith("inputs/"):
            return self.put_input(path.removeprefix("inputs/"), request["body"])
        if path == "processes/ndvi/execution":
            fake.jobs_by_key.setdefault(request["headers"]["Idempotency-Key"], JOB)
            return 201, fake.status
        if path == "jobs":
            return 200, {"jobs": [fake.status], "links": []}
        if path == f"jobs/{JOB}":
            if method == "DELETE":
                fake.status = {**fake.status, "status": "dismissed"}
            return 200, fake.status
        if path == f"jobs/{JOB}/events":
            return self.stream(request["headers"])
        if path == f"jobs/{JOB}/steps":
            found = [e["data"] for e in fake.events if e["kind"] == "step"]
            return 200, {"steps": found[-1:]}
        if path == f"jobs/{JOB}/crop.0.log":
            return 200, b"one\n\x1b[31mtwo\n"
        if path == f"jobs/{JOB}/results":
            return 200, fake.results
        if path.startswith(f"jobs/{JOB}/results/"):
            return self.output(unquote(path.partition("/results/")[2]), request)
        if path == f"jobs/{JOB}/preview":
            found = fake.previews.get(unquote(request["query"].removeprefix("path=")))
            return (200, found) if found else (404, {"detail": "there is no preview"})
        if path == f"jobs/{JOB}/preview.png":
            return 200, b"\x89PNG picture"
        return 404, {"detail": f"{path} does not exist"}

    def put_input(self, place, body):
        known = self.fake.inputs
        if self.command == "PUT":
            if hashlib.sha256(body).hexdigest() != place.partition("/")[0]:
                return 422, {"detail": "the hash differs"}
            known[place] = body
        elif place not in known:
            return 404, {"detail": "no such input"}
        href = f"eodh-store:///inputs/{place}"
        return 200, {"href": href}, {"Location": href}

    def output(self, name, request):
        files = self.fake.files
        if request["query"] == "f=listing":
            inside = [path for path in files if path.startswith(f"{name}/")]
            return 200, {"files": [{"path": p.removeprefix(f"{name}/")} for p in inside]}
        if name not in files:
            return 404, {"detail": f"output '{name}' does not exist"}
        content = files[name]
        if wanted := request["headers"].get("Range"):
            found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
            start, end = int(found[1]), int(found[2] or len(content) - 1) + 1
            total = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
            return 206, content[start:end], total
        if self.fake.cuts.pop("half a file", None):
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"ras")
            self.close_connection = True
            return None
        return 200, content

    def stream(self, headers):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": events follow\n\n")
        self.close_connection = True
        after = int(headers.get("Last-Event-ID") or 0)
        for found in self.fake.events:
            if found["seq"] <= after:
                continue
            if found["data"].get("status") in ("successful", "failed"):
                self.fake.is_held.wait(10)
                self.fake.status = {**self.fake.status, "progress": 100, **found["data"]}
            text = f"id: {found['seq']}\nevent: {found['kind']}\ndata: {json.dumps(found)}\n\n"
            self.wfile.write(text.encode())
            if found["seq"] in self.fake.cut_behind:
                self.fake.cut_behind.remove(found["seq"])
                return None
        return None

    def send(self, status, body, headers=()):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name in headers:
            self.send_header(name, headers[name])
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        # A client that hangs up early, as the look for a runner does, is no error; the
        # trace that the standard library prints would end up in what a test captures.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@pytest.fixture
def folders(monkeypatch):
    """Give a data folder, with a runtime folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="eodh-t-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("EODH_DATA", str(Path(folder) / "data"))
        for name in ("EODH_RUNNER_URL", "EODH_TOKEN", "EODH_TOKEN_FILE"):
            monkeypatch.delenv(name, raising=False)
        yield Path(folder).resolve() / "data"


def announce(data, socket, **more):
    file = connection_path(data)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    found = {"pid": os.getpid(), "socket": str(socket), "api_version": 1, "api_min": 1}
    file.write_text(json.dumps({**found, "version": "0.1.0", **more}))


@pytest.fixture
def fake(folders):
    """Give a runner that is up."""
    runner = FakeRunner()
    socket = folders.parent / "s"
    server = Server(str(socket), type("Bound", (Handler,), {"fake": runner}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    announce(folders, socket)
    yield runner
    end_readers(runner)
    server.shutdown()
    server.server_close()


def link(path, media_type, length=None):
    found = {"href": f"{BASE}/jobs/{JOB}/results/{path}", "type": media_type, "title": path}
    return found if length is None else {**found, "length": length}


def folder_link(path):
    return {**link(f"{path}?f=listing", "application/json"), "title": path, "rel": "directory"}


def end_readers(fake):
    """Wait for threads that follow a job: they would look for the runner again, and start one."""
    fake.is_held.set()
    for thread in threading.enumerate():
        if thread.name.startswith("eodh-"):
            thread.join(10)


@pytest.fixture
def client(fake):
    client = Client()
    yield client
    end_readers(fake)
    client.close()
