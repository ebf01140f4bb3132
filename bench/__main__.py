"""`make bench`: the scoreboard; writes raw samples and medians to bench/results.json."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOOL = b"""{"cwlVersion": "v1.2", "class": "CommandLineTool", "id": "quick", "baseCommand": "true",
"inputs": {}, "outputs": {}}"""
JUPYTER = "import jupyter_server.serverapp, jupyter_server.base.websocket"
IPYTHON = "from IPython.core.interactiveshell import InteractiveShell as S; shell = S.instance()"
LOAD_EXT = "shell.run_line_magic('load_ext', 'eodh_jupyter')"


def cpu_of(statement: str, host: str) -> float:
    """Give the CPU seconds of a statement in a fresh Python that holds its host already."""
    code = f"import time; {host}; t = time.process_time(); {statement}; "
    argv = [sys.executable, "-c", code + "print(time.process_time() - t)"]
    return float(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


def execute_to_start(client: Any) -> float:
    """Give the seconds from the answer to an execution to the start of its first process."""
    from datetime import datetime

    job = client.launch("quick")
    job.wait()
    events = list(job.events())
    began = next(e for e in events if e["kind"] == "step" and e["data"]["state"] == "running")
    accepted = datetime.fromisoformat(events[0]["time"])
    return (datetime.fromisoformat(began["time"]) - accepted).total_seconds()


def end_to_event(client: Any) -> float:
    """Give the seconds from the end of a step, as recorded, to its event at the client."""
    from datetime import datetime

    job = client.launch("quick")
    for event in job.events():
        if event["kind"] == "step" and event["data"]["state"] == "done":
            finished = datetime.fromisoformat(event["data"]["finished"])
            arrived = datetime.now(UTC)
    return (arrived - finished).total_seconds()


def line_to_follower(client: Any, count: int) -> list[float]:
    """Give the seconds from each line that a step writes to its arrival at a follower."""
    write = f"for n in $(seq {count}); do date +%s.%N >&2; sleep 0.13; done"
    document = {**json.loads(TOOL), "id": "writer", "baseCommand": ["sh", "-c", write]}
    job = client.deploy(json.dumps(document).encode(), replace=True).launch()
    for event in job.events():
        if event["kind"] == "step" and event["data"]["state"] == "running":
            break
    delays = [time.time() - float(line) for line in job.follow_log(job.steps()[0]["path"])]
    assert len(delays) == count, f"{len(delays)} of {count} lines arrived"
    return delays


def named_isolation(health: dict[str, Any]) -> str:
    """Give the isolation in force, of steps and of the engine."""
    engine = [name for name, held in health["engine"]["isolation"].items() if held]
    return f"steps: {health['executor']['isolation']}; engine: {', '.join(engine)}"


def cwltool_run(folder: Path) -> float:
    """Give the seconds of cwltool's own command line on the same document."""
    document = folder / "quick.cwl"
    document.write_bytes(TOOL)
    began = time.monotonic()
    argv = [str(Path(sys.executable).parent / "cwltool"), "--quiet", str(document)]
    subprocess.run(argv, cwd=folder, capture_output=True, check=True)
    return time.monotonic() - began


def cold_start() -> float:
    """Give the seconds from nothing to a runner whose engine is warm."""
    from eodh_jupyter import Client

    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as data:
        os.environ["EODH_DATA"] = data
        began = time.monotonic()
        client = Client()
        while client.health()["status"] != "ok":
            time.sleep(0.02)
        return time.monotonic() - began


def list_jobs(folder: Path) -> Callable[[], float]:
    """Give what takes the seconds of a list of 100 jobs of 10,000, five steps each."""
    import asyncio

    import httpx
    from eodh_runner.api.app import make_app
    from eodh_runner.db import schema
    from eodh_runner.db.database import Database
    from eodh_runner.service import Caller, Service
    from eodh_runner.service.watch import Watch

    database = Database.at(folder / "list.sqlite")
    database.migrate()
    service = Service(database, None, None, None, Watch(), dict, "local")
    me = Caller("local", "me", ("local",))
    job = service.execute(me, "local", "echo", {"stringInput": "x" * 200})
    with database.write() as connection:
        columns = [c.name for c in schema.job.columns if c.name not in ("number", "job_id")]
        numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999) "
        connection.exec_driver_sql(
            f"{numbers} insert into job (job_id, {', '.join(columns)}) "
            f"select printf('%08d', i), {', '.join(columns)} from n, job"
        )
        connection.exec_driver_sql("update job set status = 'running' where number % 20 = 0")
        connection.exec_driver_sql(
            "update job set status = 'successful', duration_s = 60 where number % 20 > 1"
        )
        counts = "0, 0, 1, 0, 0, 0, 1, 1, 1"
        connection.exec_driver_sql(
            f"{numbers} insert into step_tally "
            f"select job.job_id, 's' || i, workspace, {counts} from n, job where i <= 5"
        )
    assert job.job_id
    transport = httpx.ASGITransport(make_app(service, token=None))

    async def once() -> float:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
            began = time.perf_counter()
            answer = await http.get("/ogc-api/jobs?limit=100")
            assert answer.json()["numberReturned"] == 100
            return time.perf_counter() - began

    return lambda: asyncio.run(once())


def read_log(folder: Path) -> tuple[Callable[[], float], Callable[[], float]]:
    """Give what takes the seconds of the last 500 lines of a log of 100 MB, and of a search."""
    from eodh_runner.service.log_lines import LogLines, Wanted
    from eodh_runner.store.folder import FolderStore

    store = FolderStore(folder / "log")
    chunk = b"".join(b"line %08d of a long log, nothing to see\n" % n for n in range(200_000))
    for number in range(12):
        store.put(f"log/{number * len(chunk):015d}", chunk)

    def page() -> float:
        began = time.perf_counter()
        assert len(LogLines(store).page("log", -500, 500).lines) == 500
        return time.perf_counter() - began

    def search() -> float:
        began = time.perf_counter()
        assert LogLines(store).search("log", Wanted.text("00199999"), -1, 100).total == 12
        return time.perf_counter() - began

    return page, search


def draw(folder: Path) -> Callable[[], float]:
    """Give what takes the seconds of a quick look of a raster of 64 Mpx, its drawer warm."""
    import numpy as np
    import rasterio
    from eodh_runner.preview import Renderer

    path = folder / "raster.tif"
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "dtype": "uint16"}
    with rasterio.open(path, "w", driver="GTiff", width=8000, height=8000, count=1, **tiles) as out:
        out.write(np.arange(64_000_000, dtype="uint16").reshape(1, 8000, 8000))
        out.build_overviews([2, 4, 8, 16])
    renderer, size = Renderer(), path.stat().st_size

    def read(offset: int, limit: int) -> bytes:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(limit)

    def once() -> float:
        began = time.perf_counter()
        assert renderer.draw(read, size, "GTiff", 512).picture
        return time.perf_counter() - began

    once()
    return once


def main() -> int:
    """Measure, write, print; gives 1 when a target is missed."""
    os.environ.update(EODH_CONTAINERS="host", EODH_IDLE_TIMEOUT_S="2")
    starts = [cold_start() for _ in range(5)]
    with tempfile.TemporaryDirectory(prefix="eodh-bench-") as data:
        os.environ["EODH_DATA"] = data
        from eodh_jupyter import Client

        client = Client()
        client.deploy(TOOL)
        client.launch("quick").wait()
        isolation = named_isolation(client.health())
        peer = statistics.median(cwltool_run(Path(data)) for _ in range(5))
        rows = [
            measure("execute to first process started", 0.08, 10, lambda: execute_to_start(client)),
            measure(
                "step finished to its event at a client", 0.25, 50, lambda: end_to_event(client)
            ),
        ]
        delays = iter(line_to_follower(client, 60))
        rows += [measure("log line written to its follower", 0.3, 60, lambda: next(delays))]
        page, search = read_log(Path(data))
        rows += [
            measure("list of 100 jobs of 10,000", 0.03, 20, list_jobs(Path(data))),
            measure("last 500 lines of a log of 100 MB", 0.3, 5, page),
            measure("search in a log of 100 MB", 2.0, 5, search),
            measure("quick look of a raster of 64 Mpx", 0.5, 5, draw(Path(data))),
        ]
        rows[0].update(peer="cwltool command line, whole run", peer_value=peer)
    rows += [
        measure("runner cold start to a warm engine", 4.0, 5, iter(starts).__next__),
        measure("load_ext, CPU", 0.15, 5, lambda: cpu_of(LOAD_EXT, IPYTHON)),
        measure(
            "server extension import, CPU",
            0.06,
            5,
            lambda: cpu_of("import eodh_jupyter_server.app", JUPYTER),
        ),
    ]
    for row in rows:
        row["isolation"] = isolation
        print(f"{row['name']:42} {row['value']:8.3f} s  target {row['target']:5.2f}  {row['met']}")
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    # Rows that only a browser can measure are written by tests/browser.
    results, names = HERE / "results.json", {row["name"] for row in rows}
    known = json.loads(results.read_text())["measures"] if results.exists() else []
    kept = [row for row in known if row["name"] not in names]
    text = json.dumps({"measures": rows + kept, "machine": machine}, indent=1)
    results.write_text(text)
    return 0 if all(row["met"] for row in rows) else 1


def measure(name: str, target: float, count: int, sample: Callable[[], float]) -> dict[str, Any]:
    """Give a row: the median, or from fifty samples on the 95th percentile."""
    samples = sorted(sample() for _ in range(count))
    value = samples[int(0.95 * (count - 1))] if count >= 50 else statistics.median(samples)
    return {
        "name": name,
        "value": value,
        "unit": "s",
        "target": target,
        "met": value <= target,
        "samples": samples,
    }


if __name__ == "__main__":
    sys.exit(main())
