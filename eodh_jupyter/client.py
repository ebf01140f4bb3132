"""The client of a runner."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .errors import EodhError, Problem
from .http import Transport
from .inputs import to_wire
from .job import Job
from .process import Process


class Client:
    """Processes and jobs of one runner.

    Parameters
    ----------
    url
        Address of a shared runner; default `EODH_RUNNER_URL`, else the user's own runner
        on this computer, which is started when needed.
    token
        Bearer token of a shared runner; default `EODH_TOKEN` or `EODH_TOKEN_FILE`.

    Examples
    --------
    >>> client = Client()  # doctest: +SKIP
    >>> client.deploy("ndvi.cwl").launch(scene="scene.tif").wait()  # doctest: +SKIP
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        self._http = Transport(url, token)

    def deploy(
        self, package: str | Path | bytes, *, workflow: str | None = None, replace: bool = False
    ) -> Process:
        """Deploy a CWL document: a file, an address, or the text itself.

        Parameters
        ----------
        workflow
            Which Workflow of the document; default the first.
        replace
            Replace the process when it is deployed already.

        Raises
        ------
        Problem
            With `diagnostics` when the document is wrong.
        """
        options = _body_of(package)
        options["params"] = {"w": workflow} if workflow else {}
        try:
            answer = self._http.request("POST", "processes", **options).json()
        except Problem as problem:
            if problem.status != 409 or not replace:
                raise
            # The runner's words name the process: 'process 'ndvi' is deployed already; ...'
            process_id = str(problem).split("'")[1]
            self._http.request("PUT", f"processes/{quote(process_id, safe='')}", **options)
            return self.process(process_id)
        return self.process(answer["id"])

    def processes(self) -> list[Process]:
        """Give the deployed processes."""
        found = self._http.request("GET", "processes").json()["processes"]
        return [Process(self, entry) for entry in found]

    def process(self, process_id: str) -> Process:
        """Give one process with its inputs and outputs."""
        path = f"processes/{quote(process_id, safe='')}"
        return Process(self, self._http.request("GET", path).json())

    def undeploy(self, process_id: str) -> None:
        """Take a process away; its jobs stay."""
        self._http.request("DELETE", f"processes/{quote(process_id, safe='')}")

    def launch(self, process_id: str, inputs: dict[str, Any] | None = None) -> Job:
        """Launch a process; returns as soon as the job is safe on the runner's disk.

        Raises
        ------
        Problem
            With `invalid` naming every input that does not fit.
        """
        described = self.process(process_id)
        key = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "respond-async"}
        body = {"inputs": to_wire(inputs or {}, described.inputs)}
        path = f"processes/{quote(process_id, safe='')}/execution"
        return Job(self, self._http.request("POST", path, json=body, headers=key).json())

    def jobs(
        self, limit: int = 10, *, status: str | None = None, process: str | None = None
    ) -> list[Job]:
        """Give the newest jobs."""
        wanted = {"limit": limit, "status": status, "processID": process}
        params = {name: value for name, value in wanted.items() if value is not None}
        found = self._http.request("GET", "jobs", params=params).json()["jobs"]
        return [Job(self, entry) for entry in found]

    def job(self, job_id: str) -> Job:
        """Give one job; the first characters of its id are enough when no other begins so."""
        if len(job_id) < 36:
            found = [j for j in self.jobs(1000) if j.id.startswith(job_id)]
            if len(found) != 1:
                what = "no job begins" if not found else f"{len(found)} jobs begin"
                raise EodhError(f"{what} with '{job_id}'")
            job_id = found[0].id
        return Job(self, self._http.request("GET", f"jobs/{quote(job_id, safe='')}").json())

    def health(self) -> dict[str, Any]:
        """Give the state of the runner's parts, and the isolation in force."""
        found: dict[str, Any] = self._http.request("GET", "health").json()
        return found

    def __repr__(self) -> str:
        """Show one line, without any token."""
        return "Client()" if self._http._url is None else f"Client('{self._http._url}')"


def _body_of(package: str | Path | bytes) -> dict[str, Any]:
    if isinstance(package, str) and package.startswith(("http://", "https://")):
        return {"json": {"executionUnit": {"href": package, "type": "application/cwl"}}}
    if isinstance(package, str) and "\n" not in package:
        package = Path(package)
    if isinstance(package, Path):
        try:
            package = package.expanduser().read_bytes()
        except OSError as error:
            raise EodhError(f"{package!s} cannot be read: {error.strerror}") from error
    content = package.encode() if isinstance(package, str) else package
    media = "application/cwl+json" if _is_json(content) else "application/cwl+yaml"
    return {"content": content, "headers": {"Content-Type": media}}


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True
