"""Controls that hold others: intervals, lists, records, unions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from ..check import check
from ..field import Field
from .control import (
    LABEL,
    WIDE,
    BoxControl,
    ChoiceControl,
    Control,
    DateControl,
    FileControl,
    JsonControl,
    NumberControl,
    TextControl,
    label_of,
)

INDENT = {
    "margin": "0 0 0 2px",
    "padding": "0 0 0 8px",
    "border_left": "2px solid #9e9e9e",
    "flex": "1 1 auto",
}


def make_control(field: Field, changed: Callable[[], None]) -> Control:
    """Give the control that draws a field; JSON is edited as text where nothing else does."""
    return _KINDS.get(field.kind, JsonControl)(field, changed)


class IntervalControl(Control):
    """From and To."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        kind = "datetime" if (field.item and field.item.kind == "datetime") else "date"
        ends = [replace(_bare(field, label), kind=kind) for label in ("From", "To")]
        self._ends = [DateControl(end, changed) for end in ends]
        self.widget = _titled(field, [end.widget for end in self._ends])

    @property
    def value(self) -> Any:
        """Both ends; None when none is set."""
        found = [end.value for end in self._ends]
        return found if any(found) else None

    @value.setter
    def value(self, value: Any) -> None:
        ends = value.split("/") if isinstance(value, str) else value or (None, None)
        for control, end in zip(self._ends, ends, strict=False):
            control.value = end

    def focus(self) -> None:
        """Put the cursor into From."""
        self._ends[0].focus()


class ArrayControl(Control):
    """Entries below each other, with Add, Remove and Move."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        self._item = field.item or _bare(field, "Value")
        self._entries: list[Control] = []
        self._rows = w.VBox([])
        add = w.Button(description="Add", icon="plus", layout=w.Layout(width="80px"))
        add.on_click(lambda _: self._add())
        self._is_set = False
        self.widget = _titled(field, [self._rows, add])

    @property
    def value(self) -> Any:
        """The entries; None while nothing was added."""
        if not self._is_set:
            return None
        return [entry.value for entry in self._entries]

    @value.setter
    def value(self, value: Any) -> None:
        self._is_set = value is not None
        self._entries = [self._made(item) for item in value or ()]
        self._draw()

    def focus(self) -> None:
        """Put the cursor into the first entry."""
        if self._entries:
            self._entries[0].focus()

    def _made(self, value: Any = None) -> Control:
        entry = make_control(self._item, self._changed)
        entry.value = value
        return entry

    def _add(self) -> None:
        if not self._is_set and isinstance(self.field.default, list):
            # What is added comes behind the default, which is not lost by it.
            self._entries = [self._made(item) for item in self.field.default]
        self._is_set = True
        self._entries.append(self._made())
        self._draw()

    def _draw(self) -> None:
        self._rows.children = [self._row(i, entry) for i, entry in enumerate(self._entries)]
        self._changed()

    def _row(self, index: int, entry: Control) -> Any:
        remove = _button("times", f"Remove entry {index + 1}")
        remove.on_click(lambda _: self._remove(entry))
        up = _button("arrow-up", f"Move entry {index + 1} up")
        up.disabled = index == 0
        up.on_click(lambda _: self._move_up(entry))
        return w.HBox([entry.widget, up, remove])

    def _remove(self, entry: Control) -> None:
        self._entries.remove(entry)
        self._draw()

    def _move_up(self, entry: Control) -> None:
        index = self._entries.index(entry)
        before = self._entries[index - 1 : index + 1]
        self._entries[index - 1 : index + 1] = reversed(before)
        self._draw()


class RecordControl(Control):
    """A field for each member."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        self._members = {part.name: make_control(part, changed) for part in field.fields}
        self.widget = _titled(field, [member.widget for member in self._members.values()])

    @property
    def value(self) -> Any:
        """The members that are set; None when none is."""
        found = {name: member.value for name, member in self._members.items()}
        kept = {name: value for name, value in found.items() if value is not None}
        if not kept:
            return None
        # A default of the whole is what the members that stay empty are taken from.
        default = self.field.default if isinstance(self.field.default, dict) else {}
        return {**default, **kept}

    @value.setter
    def value(self, value: Any) -> None:
        for name, member in self._members.items():
            member.value = (value or {}).get(name)

    def focus(self) -> None:
        """Put the cursor into the first member."""
        next(iter(self._members.values())).focus()


class UnionControl(Control):
    """A list of kinds above the field of the one that is chosen."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        self._controls = [make_control(choice, changed) for choice in field.choices]
        options = [(choice.label or choice.words, i) for i, choice in enumerate(field.choices)]
        self._kind = w.Dropdown(description="Kind", options=options, style=LABEL)
        self._place = w.VBox([])
        self._kind.observe(self._draw, "value")
        self.widget = _titled(field, [self._kind, self._place])
        self._draw()

    @property
    def value(self) -> Any:
        """The value of the chosen kind."""
        return self._chosen().value

    @value.setter
    def value(self, value: Any) -> None:
        fitting = (i for i, choice in enumerate(self.field.choices) if check(choice, value) is None)
        self._kind.value = next(fitting, 0) if value is not None else 0
        self._chosen().value = value

    def note(self) -> str:
        """Give the note of the chosen kind."""
        return self._chosen().note()

    def finding(self) -> str:
        """Give the finding of the chosen kind."""
        return self._chosen().finding()

    def focus(self) -> None:
        """Put the cursor into the chosen kind."""
        self._chosen().focus()

    def _chosen(self) -> Control:
        return self._controls[self._kind.value or 0]

    def _draw(self, _change: Any = None) -> None:
        self._place.children = [self._chosen().widget]
        self._changed()


def _titled(field: Field, children: list[Any]) -> Any:
    return w.HBox(
        [label_of(field), w.VBox(children, layout=w.Layout(**INDENT))], layout=w.Layout(**WIDE)
    )


def _bare(field: Field, label: str) -> Field:
    return Field(field.name, label, "", "text", is_required=False)


def _button(icon: str, tooltip: str) -> Any:
    return w.Button(icon=icon, tooltip=tooltip, layout=w.Layout(width="36px"))


_KINDS: dict[str, Callable[[Field, Callable[[], None]], Control]] = {
    "text": TextControl,
    "long_text": TextControl,
    "secret": TextControl,
    "datetime": DateControl,
    "date": DateControl,
    "integer": NumberControl,
    "number": NumberControl,
    "boolean": ChoiceControl,
    "choice": ChoiceControl,
    "interval": IntervalControl,
    "bbox": BoxControl,
    "geometry": JsonControl,
    "file": FileControl,
    "directory": FileControl,
    "array": ArrayControl,
    "record": RecordControl,
    "union": UnionControl,
}
