"""Who calls, and what may be seen."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import NotFound


@dataclass(frozen=True)
class Caller:
    """The person or program behind a request."""

    #: Workspace that the caller works in.
    workspace: str
    name: str
    #: Workspaces that the caller may use; `*` is all of them.
    workspaces: tuple[str, ...] = ()
    #: True when the caller is the computer's own user, whose files a job may read.
    is_local_user: bool = False

    def require(self, workspace: str) -> None:
        """Raise `NotFound` for a workspace that is not the caller's to see."""
        if "*" not in self.workspaces and workspace not in self.workspaces:
            raise NotFound("workspace", workspace)
