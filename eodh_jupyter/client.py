"""The client of a runner."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .check import check_all, describe
from .display.table import Listing
from .display.words import ago, mark, now_words, took_words
from .errors import EodhError, InputError, Problem
from .http import Transport
from .inputs import to_wire
from .job import Job
from .process import Process
from .signature import refuse_unknown
from .staging import Staging

#: A file, an address, the text itself, or the parsed document.
Package = str | os.PathLike[str] | bytes | Mapping[str, Any]
PAGE = 1000
MAX_LOOKED_UP = 20


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

    def __init__(
        self, url: str | None = None, token: str | None = None, *, autostart: bool = True
    ) -> None:
        self._http = Transport(url, token, autostart=autostart)
        self._staging = Staging(self._http)

    def deploy(
        self, package: Package, *, workflow: str | None = None, replace: bool = False
    ) -> Process:
        """Deploy a CWL document: a file, an address, the text itself, or the parsed document.

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
        options = _body_of(package, workflow)
        try:
            answer = self._http.request("POST", "processes", is_repeatable=replace, **options)
        except Problem as problem:
            # The document's own id is known to the runner alone, which names it.
            if problem.status != 409 or not replace or problem.process_id is None:
                raise
            return self.replace(problem.process_id, package, workflow=workflow)
        return self.process(answer.json()["id"])

    def replace(self, process_id: str, package: Package, *, workflow: str | None = None) -> Process:
        """Deploy the next revision of a process; jobs that run keep theirs."""
        self._http.request("PUT", _process(process_id), **_body_of(package, workflow))
        return self.process(process_id)

    def check(self, package: Package, *, workflow: str | None = None) -> dict[str, Any]:
        """Tell what a document would deploy, and deploy nothing.

        Returns
        -------
        dict
            `process`, `title`, `fields` (its inputs), `outputs`, `graph` and `warnings`.

        Raises
        ------
        Problem
            With `diagnostics` when the document is wrong.
        """
        answer = self._http.request("POST", "check", **_body_of(package, workflow))
        found: dict[str, Any] = answer.json()
        return found

    def processes(self, search: str | None = None) -> list[Process]:
        """Give the deployed processes.

        Parameters
        ----------
        search
            Text in their ids, titles or keywords; default all.
        """
        params = {"limit": PAGE, **({"q": search} if search else {})}
        pages = self._pages("processes", params)
        found = [Process(self, entry) for page in pages for entry in page["processes"]]
        columns = ("Process", "Revision", "Last job", "About")
        caption = f"{len(found)} process{'es' if len(found) != 1 else ''}"
        # The last job of each is asked for one by one.
        looked_up = {process.id for process in found[:MAX_LOOKED_UP]}
        return Listing(
            found, columns, lambda p: self._process_row(p, p.id in looked_up), caption=caption
        )

    def process(self, process_id: str) -> Process:
        """Give one process with its inputs and outputs."""
        return Process(self, self._http.request("GET", _process(process_id)).json())

    def undeploy(self, process_id: str) -> None:
        """Take a process away; its jobs stay."""
        self._http.request("DELETE", _process(process_id))

    def execute(
        self,
        process: Process | str,
        inputs: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Launch a process; returns as soon as the job is safe on the runner's disk.

        Parameters
        ----------
        inputs
            Values by input id. A path stands for a local file or folder, text with `://` for
            an address; dates, numpy numbers, tuples, shapely geometries, pystac items,
            DataFrames and results of other jobs are sent as the input takes them.
        idempotency_key
            Executing again with the same key gives the same job; default a new one, so that
            only what the client itself sends twice is taken once.

        Raises
        ------
        UnknownInput
            For a name that the process does not take.
        InputError
            When values cannot be sent or do not fit; nothing was launched.
        Problem
            With `invalid` naming every input that does not fit.
        """
        described = self.process(process) if isinstance(process, str) else process
        body = {"inputs": self._checked(described, inputs or {})}
        key = idempotency_key or str(uuid.uuid4())
        headers = {"Idempotency-Key": key, "Prefer": "respond-async"}
        path = f"{_process(described.id)}/execution"
        return Job(self, self._http.request("POST", path, json=body, headers=headers).json())

    #: The word of the interface for the same.
    launch = execute

    def jobs(
        self,
        limit: int = 10,
        *,
        status: str | None = None,
        process: str | None = None,
        search: str | None = None,
    ) -> list[Job]:
        """Give the newest jobs.

        Parameters
        ----------
        search
            Text in their ids, processes or input values.
        """
        wanted = {"limit": limit, "status": status, "processID": process, "q": search}
        params = {name: value for name, value in wanted.items() if value is not None}
        page = self._http.request("GET", "jobs", params=params).json()
        found = [Job(self, entry) for entry in page["jobs"]]
        columns = ("Job", "Process", "State", "Now", "Started", "Took")
        total = page.get("numberMatched", len(found))
        many = f"{total} job{'s' if total != 1 else ''}"
        caption = many if total <= len(found) else f"{len(found)} newest of {many}"
        return Listing(found, columns, _job_row, caption=caption)

    def job(self, job_id: str) -> Job:
        """Give one job; the first characters of its id are enough when no other begins so."""
        if len(job_id) < 36:
            job_id = self._whole(job_id)
        return Job(self, self._http.request("GET", f"jobs/{quote(job_id, safe='')}").json())

    def health(self) -> dict[str, Any]:
        """Give the state of the runner's parts, and the isolation in force."""
        found: dict[str, Any] = self._http.request("GET", "health").json()
        return found

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._http.close()

    def __repr__(self) -> str:
        """Show one line, without any token."""
        return "Client()" if self._http.named_url is None else f"Client({self._http.named_url!r})"

    def _process_row(self, process: Process, is_looked_up: bool) -> tuple[str, ...]:
        last = ""
        if is_looked_up and process._description.get("has_jobs"):
            try:
                found = self.jobs(1, process=process.id)
            except EodhError:
                # Showing a list never fails.
                found = []
            last = f"{found[0].status.capitalize()} {ago(found[0].created)}" if found else ""
        return process.id, str(process.revision or ""), last, process.title

    def _checked(self, process: Process, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Give inputs as the wire has them, when all that can be known here fits."""
        refuse_unknown(process.id, process.fields, inputs)
        sent = to_wire(inputs, process.inputs, self._staging)
        if found := check_all([field.as_sent() for field in process.fields], sent):
            raise InputError(describe(process.id, process.fields, found))
        return sent

    def _whole(self, beginning: str) -> str:
        if not beginning:
            raise EodhError("name a job, for example by the first 8 characters of its id")
        pages = self._pages("jobs", {"limit": PAGE})
        ids = (str(entry["jobID"]) for page in pages for entry in page["jobs"])
        found = {job_id for job_id in ids if job_id.startswith(beginning.lower())}
        if len(found) != 1:
            what = "no job begins" if not found else f"{len(found)} jobs begin"
            raise EodhError(
                f"{what} with '{beginning}'; client.jobs() or %workflow jobs lists them"
            )
        return found.pop()

    def _pages(self, path: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give all pages of a list."""
        page = self._http.request("GET", path, params=params).json()
        yield page
        while following := next((x for x in page.get("links", []) if x["rel"] == "next"), None):
            # A proxy may have changed the address; the query is what leads on.
            query = str(following["href"]).partition("?")[2]
            page = self._http.request("GET", f"{path}?{query}").json()
            yield page


def _process(process_id: str) -> str:
    return f"processes/{quote(process_id, safe='')}"


def _job_row(job: Job) -> tuple[str, ...]:
    status = job._status
    started = status.get("started") or job.created
    return (
        job.id[:8],
        job.process_id,
        f"{mark(job.status)} {job.status.capitalize()}",
        now_words(status),
        ago(started),
        took_words(status),
    )


def _body_of(package: Package, workflow: str | None) -> dict[str, Any]:
    media, content = _read(package)
    options: dict[str, Any] = {"content": content, "headers": {"Content-Type": media}}
    return {**options, "params": {"w": workflow}} if workflow else options


def _read(package: Package) -> tuple[str, bytes]:
    """Give media type and bytes of a package."""
    if isinstance(package, Mapping):
        unit = "executionUnit" in package
        media = "application/ogcapppkg+json" if unit else "application/cwl+json"
        return media, json.dumps(package).encode()
    if isinstance(package, str) and package.startswith(("http://", "https://")):
        unit_of = {"executionUnit": {"href": package, "type": "application/cwl"}}
        return "application/ogcapppkg+json", json.dumps(unit_of).encode()
    if isinstance(package, os.PathLike) or (isinstance(package, str) and "\n" not in package):
        return _classified(_read_file(Path(package)))
    return _classified(package.encode() if isinstance(package, str) else bytes(package))


def _read_file(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise EodhError(f"{path} cannot be read: {why}") from error


def _classified(content: bytes) -> tuple[str, bytes]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "application/cwl+yaml", content
    is_unit = isinstance(found, dict) and "executionUnit" in found
    return ("application/ogcapppkg+json" if is_unit else "application/cwl+json"), content
