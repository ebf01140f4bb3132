"""`%workflow` and `%%workflow`: one verb at a time, errors that fail the cell."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

_WORKFLOW = "workflow"


@magics_class
class WorkflowMagics(Magics):  # type: ignore[misc]
    """The magics; everything heavy is imported when a verb runs."""

    @no_var_expand  # type: ignore[untyped-decorator]
    @needs_local_scope  # type: ignore[untyped-decorator]
    @line_cell_magic(_WORKFLOW)  # type: ignore[untyped-decorator]
    def workflow(self, line: str, cell: str | None = None, local_ns: Any = None) -> Any:
        """Deploy, launch and watch CWL workflows; `%workflow --help` lists the verbs."""
        from .verbs import run

        scope = {**self.shell.user_ns, **(local_ns or {})}
        value, names = run(line, cell, scope, is_notebook=_is_notebook(self.shell))
        self.shell.user_ns.update(names)
        return value


def register(shell: Any) -> None:
    """Register the magics and their completion; doing it again changes nothing."""
    shell.register_magics(WorkflowMagics)
    shell.set_hook("complete_command", _complete, str_key="%workflow")
    shell.set_hook("complete_command", _complete, str_key="%%workflow")


def _complete(_shell: Any, event: Any) -> list[str]:
    from .completion import complete

    return complete(event.line)


def _is_notebook(shell: Any) -> bool:
    return getattr(shell, "kernel", None) is not None
