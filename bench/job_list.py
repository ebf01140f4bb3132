"""The list of a workspace with ten thousand jobs of five steps each."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .measure import Measure, repeat


def measures() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as folder:
        service = filled(Path(folder))
        once = page(service)
        once()
        yield Measure("list of 100 jobs of 10,000", 0.03, repeat(20, once))
        service.close()


def filled(folder: Path) -> Any:
    """Give a service whose database holds the jobs."""
    from eodh_runner.db import schema
    from eodh_runner.db.database import Database
    from eodh_runner.service import Caller, Service
    from eodh_runner.service.watch import Watch

    database = Database.at(folder / "list.sqlite")
    database.migrate()
    service = Service(database, None, None, None, Watch(), dict, "local")
    me = Caller("local", "me", ("local",))
    service.execute(me, "local", "echo", {"stringInput": "x" * 200})
    columns = [c.name for c in schema.job.columns if c.name not in ("number", "job_id")]
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999) "
    with database.write() as connection:
        for statement in (
            f"{numbers} insert into job (job_id, {', '.join(columns)}) "
            f"select printf('%08d', i), {', '.join(columns)} from n, job",
            "update job set status = 'running' where number % 20 = 0",
            "update job set status = 'successful', duration_s = 60 where number % 20 > 1",
            f"{numbers} insert into step_tally select job.job_id, 's' || i, workspace, "
            "0, 0, 1, 0, 0, 0, 1, 1, 1 from n, job where i <= 5",
        ):
            connection.exec_driver_sql(statement)
    return service


def page(service: Any) -> Callable[[], float]:
    """Give what takes the seconds of one page."""
    import httpx
    from eodh_runner.api.app import make_app

    transport = httpx.ASGITransport(make_app(service, token=None))

    async def once() -> float:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            began = time.perf_counter()
            answer = await http.get("/ogc-api/jobs?limit=100")
            took_s = time.perf_counter() - began
        if answer.json()["numberReturned"] != 100:
            raise RuntimeError(answer.text)
        return took_s

    return lambda: asyncio.run(once())
