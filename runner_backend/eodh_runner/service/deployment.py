"""Deploys, replaces and undeploys processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from ..db import event, process
from ..db.database import Database
from ..domain.event import EventKind
from ..domain.process import Inspection, Process
from ..errors import Conflict, Immutable
from . import echo
from .caller import Caller
from .package import Fetch, open_package
from .watch import Watch

#: Gives a deployed process that the caller may see; raises NotFound.
Find = Callable[[Caller, str, str], Process]


class Inspector(Protocol):
    """Reads documents: the engine's host."""

    async def inspect(
        self, source: bytes, name: str, fetch: Fetch, workflow: str | None = None
    ) -> Inspection:
        """Give what the document holds; raises BadDocument and NotFound."""
        ...


class Deployment:
    """What changes the processes of a workspace.

    Parameters
    ----------
    fetch
        Gives the bytes behind a public address.
    """

    def __init__(
        self, database: Database, inspector: Inspector, fetch: Fetch, watch: Watch, find: Find
    ) -> None:
        self._db, self._inspector = database, inspector
        self._fetch, self._watch, self._find = fetch, watch, find

    async def deploy(
        self,
        caller: Caller,
        workspace: str,
        source: bytes,
        media_type: str,
        workflow: str | None = None,
    ) -> Process:
        """Deploy a CWL document.

        Raises
        ------
        BadDocument
            With line and column of what is wrong.
        Conflict
            When a process of that id is deployed.
        """
        self._enter(caller, workspace)
        inspection = await self._inspector.inspect(source, "package", self._fetch, workflow)

        def add() -> Process:
            with self._db.write(durable=True) as connection:
                process_id = inspection.process_id
                found = process.deployed(connection, workspace, process_id)
                if process_id == echo.ID or found:
                    raise Conflict(
                        f"process '{process_id}' is deployed already; replace it, or undeploy it",
                        process_id,
                    )
                return self._add(connection, workspace, inspection, source, media_type, "deployed")

        return await self._then_notify(add, workspace)

    async def replace(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        source: bytes,
        media_type: str,
        workflow: str | None = None,
    ) -> Process:
        """Deploy the next revision of a process; running jobs keep theirs.

        Raises
        ------
        Immutable
            For a built-in process.
        Conflict
            When the document names another process.
        """
        self._require_mutable(caller, workspace, process_id)
        inspection = await self._inspector.inspect(source, "package", self._fetch, workflow)
        if inspection.process_id != process_id:
            raise Conflict(
                f"the document describes '{inspection.process_id}', not '{process_id}'; "
                "deploy it as a process of its own"
            )

        def add() -> Process:
            with self._db.write(durable=True) as connection:
                return self._add(connection, workspace, inspection, source, media_type, "replaced")

        return await self._then_notify(add, workspace)

    async def deploy_unit(
        self, caller: Caller, workspace: str, package: dict[str, Any], workflow: str | None = None
    ) -> Process:
        """Deploy an OGC application package; same errors as `deploy`."""
        source, media_type = await open_package(package, self._fetch)
        return await self.deploy(caller, workspace, source, media_type, workflow)

    async def replace_unit(
        self,
        caller: Caller,
        workspace: str,
        process_id: str,
        package: dict[str, Any],
        workflow: str | None = None,
    ) -> Process:
        """Replace by an OGC application package; same errors as `replace`."""
        self._require_mutable(caller, workspace, process_id)
        source, media_type = await open_package(package, self._fetch)
        return await self.replace(caller, workspace, process_id, source, media_type, workflow)

    async def check(
        self, caller: Caller, workspace: str, source: bytes, workflow: str | None = None
    ) -> Inspection:
        """Read a document and deploy nothing; same errors as `deploy` but Conflict."""
        self._enter(caller, workspace)
        return await self._inspector.inspect(source, "package", self._fetch, workflow)

    async def check_unit(
        self, caller: Caller, workspace: str, package: dict[str, Any], workflow: str | None = None
    ) -> Inspection:
        """Read an OGC application package and deploy nothing."""
        source, _ = await open_package(package, self._fetch)
        return await self.check(caller, workspace, source, workflow)

    def undeploy(self, caller: Caller, workspace: str, process_id: str) -> None:
        """Take a process away; its jobs stay."""
        self._require_mutable(caller, workspace, process_id)
        with self._db.write(durable=True) as connection:
            process.undeploy(connection, workspace, process_id)
            self._process_event(connection, workspace, process_id, "undeployed")
        self._watch.notify(f"workspace:{workspace}")

    def _enter(self, caller: Caller, workspace: str) -> None:
        """Raise NotFound for a workspace that is not the caller's: not even `echo` is there."""
        self._find(caller, workspace, echo.ID)

    def _require_mutable(self, caller: Caller, workspace: str, process_id: str) -> None:
        if not self._find(caller, workspace, process_id).is_mutable:
            raise Immutable(f"process '{process_id}' is built in and cannot be changed")

    def _add(
        self,
        connection: Any,
        workspace: str,
        inspection: Inspection,
        source: bytes,
        media_type: str,
        change: str,
    ) -> Process:
        added = process.add(connection, workspace, inspection, source, media_type)
        self._process_event(connection, workspace, inspection.process_id, change)
        return added

    def _process_event(self, connection: Any, workspace: str, process_id: str, change: str) -> None:
        data = {"process_id": process_id, "change": change}
        event.append(connection, workspace, None, EventKind.PROCESS, data)

    async def _then_notify(self, add: Callable[[], Process], workspace: str) -> Process:
        added = await asyncio.to_thread(add)
        self._watch.notify(f"workspace:{workspace}")
        return added
