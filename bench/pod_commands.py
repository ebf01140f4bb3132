"""`stage-in` and `collect` as programs: how soon they begin, how much memory they hold."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.integration.bench import make_step_run
from tests.servers.fault import FaultProxy

from .measure import CannotMeasure, Measure, repeat
from .s3 import Place, s3_place

MIB = 256.0
FIRST_BYTE_S = 0.3
BUSYBOX = Path("/bin/busybox")
#: The programs of the pod with another folder for a volume; they say their peak at the end.
CODE = """
import os, pathlib, sys
import eodh_runner.__main__
from eodh_runner.executor.kubernetes import {module}
code = {module}.main(os.environ, pathlib.Path(sys.argv[1]))
status = pathlib.Path("/proc/self/status").read_text()
print(status.partition("VmHWM:")[2].split()[0])
sys.exit(code)
"""


def measures() -> Iterator[Measure]:
    if not BUSYBOX.exists():
        raise CannotMeasure("stage-in needs busybox-static")
    with s3_place() as place, FaultProxy(place.server.endpoint) as proxy:
        for name, first in (("stage-in", first_read), ("collect", first_write)):
            yield Measure(
                f"{name} started to its first byte of the store",
                FIRST_BYTE_S,
                repeat(5, lambda f=first: f(place, proxy)),
            )
        for words, count, size_bytes in (
            ("1 GiB", 1, 1 << 30),
            ("1,000 x 32 KiB", 1000, 32 << 10),
        ):
            files = place.files(f"of-{count}", count, size_bytes)
            into, out = memory(place, files)
            yield Measure(f"memory of stage-in of {words}", MIB, [into], unit="MiB")
            yield Measure(f"memory of collect of {words}", MIB, [out], unit="MiB")


def memory(place: Place, files: Path) -> tuple[float, float]:
    """Give the peaks of bringing a folder into a pod, and of storing it from there."""
    from eodh_runner.domain.step import WORKDIR, StageEntry
    from eodh_runner.store import location_of
    from eodh_runner.store.s3 import S3Store

    store, key = S3Store(place.address), f"input/{files.name}"
    store.adopt(key, files)
    entry = StageEntry(
        target=f"{WORKDIR}/in", kind="directory", location=location_of(key), is_writable=True
    )
    with Pod(place, stage=(entry,)) as pod:
        into = pod.run("stage_in")
        brought = pod.volume / "out" / "in"
        if not brought.is_dir() or not any(brought.iterdir()):
            raise RuntimeError("nothing was brought")
        pod.end_main()
        out = pod.run("collect")
        if not store.has_folder(f"{pod.base}/out/in"):
            raise RuntimeError("nothing was stored")
        store.delete(pod.base)
    store.delete(key)
    return into, out


def first_read(place: Place, proxy: FaultProxy) -> float:
    """Give the seconds from the start of stage-in to its first request."""
    with Pod(place) as pod:
        return pod.first_request("stage_in", proxy)


def first_write(place: Place, proxy: FaultProxy) -> float:
    """Give the seconds from the start of collect to its first request, the log ready."""
    with Pod(place) as pod:
        pod.run("stage_in")
        (pod.volume / "ctl" / "log").write_text("a line\n")
        pod.end_main()
        return pod.first_request("collect", proxy)


class Pod:
    """The volume of a pod, and its programs one after another."""

    def __init__(self, place: Place, **fields: Any) -> None:
        from eodh_runner.executor import StepOrder
        from eodh_runner.executor.kubernetes.stage_in import ORDER
        from eodh_runner.store.s3 import S3Store

        self._place = place
        self._folder = tempfile.TemporaryDirectory(prefix="eodh-bench-")
        self.volume = Path(self._folder.name)
        step_run = make_step_run("true", **fields)
        order = StepOrder("ws", "j", step_run, 1, self.volume.name)
        self.base, self._log = order.base_key, order.log_key
        body = {
            "step_run": step_run.to_json(),
            "entrypoint": [],
            "log_limit_bytes": 1 << 20,
            "disk_limit_mib": 1 << 20,
            "ram_limit_mib": 1000,
        }
        S3Store(place.address).put(f"{self.base}/{ORDER}", json.dumps(body).encode())

    def __enter__(self) -> "Pod":
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def end_main(self) -> None:
        """Leave what the wrapper of the command leaves."""
        (self.volume / "ctl" / "time.txt").write_text("0.01 0.00 0.00 4000\n")
        (self.volume / "ctl" / "exit.txt").write_text("0\n")

    def run(self, module: str) -> float:
        """Give the MiB that a program held at most."""
        process = self._start(module, self._place.server.endpoint)
        return self._finish(module, process)

    def first_request(self, module: str, proxy: FaultProxy) -> float:
        """Give the seconds from a program's start to its first request."""
        arrived: list[float] = []

        def note(method: str, path: str) -> None:
            arrived.append(time.monotonic())

        proxy.decide = note
        began = time.monotonic()
        self._finish(module, self._start(module, proxy.endpoint))
        return arrived[0] - began

    def _start(self, module: str, endpoint: str) -> "subprocess.Popen[str]":
        address = self._place.address.with_endpoint(endpoint)
        environ = {
            **os.environ,
            **address.to_environment(address.credentials),
            "EODH_STEP": self.base,
            "EODH_STEP_LOG": self._log,
        }
        argv = [sys.executable, "-c", CODE.format(module=module), str(self.volume)]
        return subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, text=True)

    def _finish(self, module: str, process: "subprocess.Popen[str]") -> float:
        while module == "collect" and not (self.volume / "ctl" / "done").exists():
            if process.poll() is not None:
                break
            time.sleep(0.02)
        if module == "collect":
            process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=120)
        if process.returncode != 0:
            raise RuntimeError(f"{module} ended with {process.returncode}: {said}")
        return int(said.splitlines()[-1]) / 1024
