"""The launch form: fields in the order of the process, checks, Launch, and the code for it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..code import as_magic, as_python
from ..display.background import follow_in
from ..display.words import clean
from ..errors import EodhError, Problem
from .row import ERROR, LINE, MUTED, Row
from .settle import Settle

if TYPE_CHECKING:
    from ..job import Job
    from ..process import Process


class LaunchForm(w.VBox):  # type: ignore[misc]
    """Widgets for the inputs of a process; `values` holds what is set, `job` what was launched.

    Parameters
    ----------
    values
        What is filled in at first, by input id.
    job
        The job that is run again; changes are shown against its inputs.
    """

    def __init__(
        self, process: Process, values: Mapping[str, Any] | None = None, job: Job | None = None
    ) -> None:
        self._process, self._again = process, job
        #: What was launched last.
        self.job: Job | None = None
        old = job.inputs if job is not None else {}
        self.rows = {
            field.name: Row(field, old.get(field.name), self._changed) for field in process.fields
        }
        self._foot, self._code = w.HTML(), w.Textarea(layout=w.Layout(display="none", width="100%"))
        self._head, self._shown = w.HTML(), w.Output()
        self._settle = Settle()
        launch = w.Button(description="Launch", icon="play", button_style="primary")
        launch.on_click(lambda _: self._settle.then(self.launch))
        python = w.Button(description="Copy as Python", icon="code")
        python.on_click(lambda _: self._settle.then(lambda: self._show_code(self.to_python())))
        magic = w.Button(description="Copy as magic", icon="copy")
        magic.on_click(lambda _: self._settle.then(lambda: self._show_code(self.to_magic())))
        foot = w.HBox([launch, python, magic, self._foot], layout=w.Layout(flex_flow="row wrap"))
        fields = [row.widget for row in self.rows.values()]
        super().__init__([self._head, *fields, foot, self._code, self._shown])
        for name, value in (values or {}).items():
            if name in self.rows and old.get(name) != value:
                self.rows[name].control.value = value
        self._changed()

    @property
    def values(self) -> dict[str, Any]:
        """What is set, by input id; what stays at its default is left out."""
        found = {name: row.value for name, row in self.rows.items()}
        return {name: value for name, value in found.items() if value is not None}

    def check(self, told: Mapping[str, str] | None = None) -> dict[str, str]:
        """Check all fields, show and give what needs attention, by input id."""
        told = told or {}
        found = {name: row.check(told.get(name, "")) for name, row in self.rows.items()}
        wrong = {name: text for name, text in found.items() if text}
        if wrong:
            labels = ", ".join(clean(self.rows[name].field.label) for name in wrong)
            many = f"{len(wrong)} input{'s need' if len(wrong) != 1 else ' needs'} attention"
            self._say(f"{many}: {labels}", is_error=True)
        return wrong

    def launch(self) -> Job | None:
        """Launch when everything fits; else show what does not, and go to the first of it."""
        wrong = self.check()
        if not wrong:
            try:
                self.job = self._process._client.execute(self._process, self.values)
            except Problem as problem:
                wrong = self.check(problem.invalid)
                if not wrong:
                    self._say(str(problem), is_error=True)
                    return None
            except EodhError as error:
                self._say(str(error), is_error=True)
                return None
        if wrong:
            self.rows[next(iter(wrong))].control.focus()
            return None
        assert self.job is not None  # noqa: S101  launched above
        for row in self.rows.values():
            row.forget()
        self._say(f"Launched job {self.job.id[:8]}.")
        follow_in(self._shown, self.job)
        return self.job

    def to_python(self) -> str:
        """Give the Python that launches what is entered."""
        return as_python(self._process.id, self._process.fields, self.values)

    def to_magic(self) -> str:
        """Give the magic that launches what is entered."""
        return as_magic(self._process.id, self._process.fields, self.values)

    def __repr__(self) -> str:
        """Show one line: what a saved notebook keeps."""
        return f"LaunchForm({self._process.id!r}, {len(self.rows)} inputs)"

    def _changed(self) -> None:
        if not hasattr(self, "_head"):
            return
        fields = self._process.fields
        facts = [f"{len(fields)} input{'s' if len(fields) != 1 else ''}"]
        if count := sum(field.has_default for field in fields):
            facts[0] += f", {count} with default{'s' if count != 1 else ''}"
        if self._process.revision is not None:
            facts.insert(0, f"Revision {self._process.revision}")
        if self._again is not None:
            count = sum(row.is_changed for row in self.rows.values())
            facts = [f"Again from job {self._again.id[:8]}", f"{count} change{'s' * (count != 1)}"]
        title = escape(clean(self._process.id))
        about = escape(" · ".join(facts))
        title = f"<b>Launch {title}</b><div style='{MUTED}'>{about}</div>"
        self._head.value = f"<div style='{LINE}'>{title}</div>"

    def _say(self, text: str, *, is_error: bool = False) -> None:
        style = f" style='{ERROR}'" if is_error else ""
        lines = escape(text).replace("\n", "<br>")
        self._foot.value = f"<span role='status'{style}>{lines}</span>"

    def _show_code(self, code: str) -> None:
        self._code.value = code
        self._code.rows = min(20, code.count("\n") + 2)
        self._code.layout.display = None
        self._code.focus()
        self._say("Copy the code below.")
