"""The API over the real use cases, a database and a store of this test."""

import httpx
import pytest
from eodh_runner.api.app import make_app
from eodh_runner.db.database import Database
from eodh_runner.service import Caller, Service, record
from eodh_runner.service.watch import Watch
from eodh_runner.store.folder import FolderStore

from ..unit.conftest import JsonInspector, make_step_run, no_fetch

ME = Caller("ws", "me", ("ws",), is_local_user=True)


class Real:
    """A service with its parts, and jobs as tests want them."""

    def __init__(self, folder, store=None):
        self.database = Database.at(folder / "db.sqlite")
        self.database.migrate()
        self.database.begin_epoch()
        self.store = store or FolderStore(folder / "store")
        self.watch = Watch()
        self.service = Service(
            self.database, self.store, JsonInspector(), no_fetch, self.watch, dict, "ws"
        )
        app = make_app(self.service, token=None)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/ogc-api/")

    def launch(self):
        job = self.service.execute(ME, "ws", "echo", {"stringInput": "x"})
        with self.database.write() as connection:
            record.take(connection, job)
        return job

    def finished(self, outputs):
        """Give the id of a successful job with these outputs."""
        job = self.launch()
        with self.database.write() as connection:
            record.succeed(connection, job, outputs)
        return job.job_id

    def with_log(self, *chunks, is_over=False):
        """Give the id of a job with a step `crop` whose log has these chunks."""
        job = self.launch()
        with self.database.write() as connection:
            record.see_step(connection, job, make_step_run(("crop",)))
            record.start_step(connection, job, "crop")
            if is_over:
                record.end_step(connection, job, "crop", record.StepDone(1, 0), ok=True)
        self.log_size = 0
        for chunk in chunks:
            self.append(job.job_id, chunk)
        return job.job_id

    def append(self, job_id, chunk):
        self.store.put(f"ws/jobs/{job_id}/logs/crop/1/{self.log_size:015d}", chunk)
        self.log_size += len(chunk)
        self.watch.notify(f"log:{job_id}")


@pytest.fixture
def real(tmp_path):
    real = Real(tmp_path)
    yield real
    real.database.close()
