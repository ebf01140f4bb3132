"""Values that tests of the use cases share: a database, a store, jobs, step runs."""

import json

import pytest
from eodh_runner.db.database import Database
from eodh_runner.domain.process import Inspection
from eodh_runner.domain.step import StepRun
from eodh_runner.service import Caller, Service
from eodh_runner.service.watch import Watch
from eodh_runner.store.folder import FolderStore

ME = Caller("ws", "me", ("ws",), is_local_user=True)


class JsonInspector:
    """Reads documents that are JSON, and takes their members as they are."""

    async def inspect(self, source, name, fetch, workflow=None):
        document = json.loads(source)
        steps = document.get("steps", [])
        return Inspection(
            process_id=document["id"],
            title=document.get("title", "t"),
            description="d",
            version="1",
            keywords=tuple(document.get("keywords", ())),
            metadata=(),
            inputs=document.get("inputs", {}),
            outputs={},
            graph={"nodes": [{"id": step, "kind": "step"} for step in steps], "edges": []},
            document=document,
        )


async def no_fetch(url):
    raise AssertionError(url)


@pytest.fixture
def database_url(tmp_path):
    return f"sqlite:///{tmp_path / 'db.sqlite'}"


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    database.migrate()
    database.begin_epoch()
    yield database
    database.close()


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def service(database, store):
    return Service(database, store, JsonInspector(), no_fetch, Watch(), dict, "ws")


def make_document(process_id="ndvi", steps=(), title="t", keywords=(), **inputs):
    document = {"id": process_id, "inputs": inputs, "steps": list(steps)}
    return json.dumps({**document, "title": title, "keywords": list(keywords)}).encode()


def make_step_run(path=("crop", "0"), key="k", **fields):
    return StepRun(
        **{
            "id": 1,
            "path": path,
            "key": key,
            "tool": "#crop",
            "argv": ("true",),
            "env": {},
            "workdir": "/w",
            "tmpdir": "/t",
            "image": None,
            "cores": 1,
            "ram_mib": 1,
            "ram_max_mib": None,
            "tmpdir_mib": 1,
            "outdir_mib": 1,
            "has_network": False,
            "timelimit_s": None,
            "stage": (),
            "stdin": None,
            "stdout": None,
            "stderr": None,
            **fields,
        }
    )
