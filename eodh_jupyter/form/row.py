"""A row of the form: the control, what it takes, where its value comes from, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from ..check import check
from ..code import plain_value
from ..display.words import clean
from ..field import Field
from .group import make_control

ERROR = "color:var(--jp-error-color1,#c62828)"
MUTED = "opacity:.72"
BELOW = {"margin": "0 0 0 158px", "max_width": "640px"}
LINE = "line-height:1.4"
#: Kinds whose field has no place for its default.
UNSHOWN = ("array", "record", "union", "interval", "bbox")


class Row:
    """One input with its tag, help and message.

    Parameters
    ----------
    was
        The value of the job that is run again; None for none.
    """

    def __init__(self, field: Field, was: Any, changed: Callable[[], None]) -> None:
        self.field, self._was, self._changed = field, was, changed
        self.control = make_control(field, self._take)
        self._reset = w.Button(description="Use default", layout=w.Layout(width="110px"))
        self._reset.on_click(lambda _: self._use_default())
        self._about, self._message = (w.HTML(layout=w.Layout(**BELOW)) for _ in range(2))
        self.widget = w.VBox(
            [w.HBox([self.control.widget, self._reset]), self._about, self._message],
            layout=w.Layout(margin="0 0 10px 0"),
        )
        if was is not None:
            self.control.value = was
        self._draw()

    @property
    def value(self) -> Any:
        """What is set; None leaves it to the default."""
        return self.control.value

    @property
    def is_changed(self) -> bool:
        """True when it differs from the job that is run again."""
        return self._was is not None and plain_value(self._was) != plain_value(self.value)

    def check(self, told: str = "") -> str:
        """Check the value, show and give what is wrong; empty when nothing is.

        Parameters
        ----------
        told
            What the runner has said of it.
        """
        found = check(self.field, self.value)
        text = told or (found.text if found else self.control.finding())
        shown = f"<div role='alert' style='{LINE};{ERROR}'>✖ {escape(text)}</div>"
        self._message.value = shown if text else ""
        self._message.layout.display = None if text else "none"
        return text

    def forget(self) -> None:
        """Clear a secret that was sent, which a notebook must not keep."""
        if self.field.kind == "secret":
            self.control.value = None
            self._message.value = ""

    def _take(self) -> None:
        # A control tells of its first value before it is part of a row.
        if hasattr(self, "widget"):
            self.check()
            self._draw()
            self._changed()

    def _use_default(self) -> None:
        self.control.value = None
        self._take()

    def _tag(self) -> str:
        if self.is_changed:
            return "changed"
        if self.value is not None:
            return ""
        if self.field.has_default:
            return "default"
        return "required" if self.field.is_required else "optional"

    def _draw(self) -> None:
        is_set = self.value is not None
        self._reset.layout.display = None if is_set and self.field.has_default else "none"
        facts = [self.field.words, self.field.help, self.control.note()]
        if self._tag() == "default" and self.field.kind in UNSHOWN:
            facts.insert(0, json.dumps(plain_value(self.field.default), ensure_ascii=False))
        if self.field.name != self.field.label:
            facts.append(f"id: {self.field.name}")
        if self.is_changed:
            facts.append(f"Was {clean(plain_value(self._was), 80)}.")
        text = " · ".join(clean(fact, 300) for fact in facts if fact)
        tag = self._tag()
        shown = f"<b>{tag}</b> · " if tag else ""
        self._about.value = f"<div style='{LINE};{MUTED}'>{shown}{escape(text)}</div>"
