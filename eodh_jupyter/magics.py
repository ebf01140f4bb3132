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
        from .errors import EodhError
        from .verbs import run

        if cell is None and line.split() == ["details"]:
            return self._print_details()
        scope = {**self.shell.user_ns, **(local_ns or {})}
        try:
            value, names = run(line, cell, scope, is_notebook=_is_notebook(self.shell))
        except EodhError as error:
            self._failed = error
            raise
        self.shell.user_ns.update(names)
        return value

    #: The last error of a magic, for `%workflow details`.
    _failed: Any = None

    def _print_details(self) -> None:
        print(self._failed.details() if self._failed else "no magic has failed")


def register(shell: Any) -> None:
    """Register the magics and their completion; doing it again changes nothing."""
    shell.register_magics(WorkflowMagics)
    shell.set_hook("complete_command", _complete, str_key="%workflow")
    shell.set_hook("complete_command", _complete, str_key="%%workflow")


def _complete(shell: Any, event: Any) -> list[str]:
    from .completion import complete

    return complete(event.line, shell.user_ns)


def _is_notebook(shell: Any) -> bool:
    return getattr(shell, "kernel", None) is not None
