"""Controls: one for each kind of field, each with a widget and a value."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as w

from ..code import plain_value
from ..display.words import size
from ..field import Field, number_text
from .box import box_of

LABEL = {"description_width": "150px"}
WIDE = {"width": "auto", "max_width": "640px", "flex": "1 1 auto"}
#: More options than these are a list instead of buttons.
MAX_BUTTONS = 4


def label_of(field: Field) -> Any:
    """Give the label that stands beside what has no description of its own."""
    return w.Label(field.label, layout=w.Layout(width="150px", justify_content="flex-end"))


class Control(ABC):
    """A widget for one value; `value` is None while nothing is set."""

    widget: Any

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        self.field, self._changed = field, changed

    @property
    @abstractmethod
    def value(self) -> Any:
        """What is entered, as the wire has it; text that does not fit stays text."""

    @value.setter
    @abstractmethod
    def value(self, value: Any) -> None: ...

    def note(self) -> str:
        """Give what else is known of the value; empty when nothing is."""
        return ""

    def finding(self) -> str:
        """Give what is wrong that only this control knows; empty when nothing is."""
        return ""

    def focus(self) -> None:
        """Put the cursor here."""
        self.widget.focus()

    def _watch(self, widget: Any) -> Any:
        widget.observe(lambda _: self._changed(), "value")
        return widget


class TextControl(Control):
    """One line; empty means not set, and shows the default in grey."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        kind = w.Textarea if field.kind in ("long_text", "json", "geometry") else w.Text
        kind = w.Password if field.kind == "secret" else kind
        self.widget = self._watch(
            kind(
                description=field.label,
                placeholder=self._placeholder(),
                continuous_update=False,
                style=LABEL,
                layout=w.Layout(**WIDE),
            )
        )

    @property
    def value(self) -> Any:
        """The text."""
        return self._parsed(self.widget.value) if self.widget.value != "" else None

    @value.setter
    def value(self, value: Any) -> None:
        self.widget.value = "" if value is None else self._text(value)

    def _parsed(self, text: str) -> Any:
        return text

    def _text(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def _placeholder(self) -> str:
        if self.field.has_default and self.field.default is not None:
            return self._text(plain_value(self.field.default))
        hints = {
            "date": "2024-07-01",
            "datetime": "2024-07-01T12:00:00Z",
            "geometry": "GeoJSON or WKT",
            "json": "JSON",
        }
        return hints.get(self.field.kind, "" if self.field.is_required else "not set")


class NumberControl(TextControl):
    """A number as text, so that what does not fit can be said."""

    def _parsed(self, text: str) -> Any:
        for kind in (int, float):
            try:
                return kind(text.strip())
            except ValueError:
                continue
        return text

    def _text(self, value: Any) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return number_text(value) if is_number else str(value)


class JsonControl(TextControl):
    """JSON; what is none is kept as text, which the check then refuses."""

    def _parsed(self, text: str) -> Any:
        if self.field.kind == "geometry" and not text.lstrip().startswith("{"):
            return _geometry_of(text)
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def finding(self) -> str:
        """Say that it is no JSON, or no geometry."""
        value = self.value
        if self.field.kind == "geometry" and value is not None and not isinstance(value, dict):
            return "Neither GeoJSON nor WKT."
        if isinstance(value, str) and self.widget.value.strip()[:1] not in ('"', ""):
            return "Not JSON."
        return ""


def _geometry_of(text: str) -> Any:
    """Give GeoJSON of WKT, where shapely is there to read it."""
    try:
        import shapely
    except ImportError:
        return text
    try:
        return shapely.from_wkt(text).__geo_interface__
    except shapely.errors.ShapelyError:
        return text


class ChoiceControl(Control):
    """Buttons for a few options, a list for more; nothing is chosen unless it is known."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        options = [(str(option), option) for option in field.options]
        if field.kind == "boolean":
            options = [("yes", True), ("no", False)]
        if not field.is_required and not field.has_default:
            options.insert(0, ("not set", None))
        value = field.default if self._is_option(field.default, options) else None
        if len(options) <= MAX_BUTTONS:
            buttons = w.ToggleButtons(options=options, value=value, style={"button_width": "auto"})
            self._choice = self._watch(buttons)
            self.widget = w.HBox([label_of(field), buttons], layout=w.Layout(**WIDE))
        else:
            made = w.Dropdown(options=options, value=value, style=LABEL, layout=w.Layout(**WIDE))
            made.description = field.label
            self._choice = self.widget = self._watch(made)

    @property
    def value(self) -> Any:
        """The option; None while it is the default."""
        found = self._choice.value
        return None if self.field.has_default and found == self.field.default else found

    @value.setter
    def value(self, value: Any) -> None:
        known = [option for _, option in self._choice.options]
        default = self.field.default if self.field.has_default else None
        wanted = default if value is None else value
        self._choice.value = wanted if wanted in known else None

    def focus(self) -> None:
        """Put the cursor into the options."""
        self._choice.focus()

    @staticmethod
    def _is_option(value: Any, options: list[tuple[str, Any]]) -> bool:
        return any(value == option for _, option in options)


class DateControl(TextControl):
    """A date as text, with a calendar beside it."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        self._text_field = self.widget
        picker = w.DatePicker(layout=w.Layout(width="150px"))
        picker.observe(self._pick, "value")
        self.widget = w.HBox([self._text_field, picker], layout=w.Layout(**WIDE))

    @property
    def value(self) -> Any:
        """The date as text."""
        return self._text_field.value.strip() or None

    @value.setter
    def value(self, value: Any) -> None:
        self._text_field.value = "" if value is None else str(value)

    def focus(self) -> None:
        """Put the cursor into the text."""
        self._text_field.focus()

    def _pick(self, change: Any) -> None:
        if change["new"] is not None:
            end = "" if self.field.kind == "date" else "T00:00:00Z"
            self._text_field.value = change["new"].isoformat() + end


class BoxControl(Control):
    """Four sides; a box, GeoJSON or WKT may be pasted into any of them."""

    def __init__(self, field: Field, changed: Callable[[], None]) -> None:
        super().__init__(field, changed)
        default = field.default if isinstance(field.default, list) else [""] * 4
        self._sides = [
            w.Text(
                description=name,
                placeholder=str(side),
                continuous_update=False,
                style={"description_width": "50px"},
                layout=w.Layout(width="150px"),
            )
            for name, side in zip(("West", "South", "East", "North"), default, strict=False)
        ]
        for side in self._sides:
            side.observe(self._take, "value")
        flow = w.Layout(**WIDE, flex_flow="row wrap")
        self.widget = w.HBox([label_of(field), *self._sides], layout=flow)

    @property
    def value(self) -> Any:
        """West, south, east, north; None when all are empty."""
        texts = [side.value.strip() for side in self._sides]
        return [_number(text) for text in texts] if any(texts) else None

    @value.setter
    def value(self, value: Any) -> None:
        sides = value.get("bbox") if isinstance(value, dict) else value
        sides = [""] * 4 if sides is None else sides
        for widget, side in zip(self._sides, sides, strict=False):
            widget.value = number_text(side) if isinstance(side, int | float) else str(side)

    def focus(self) -> None:
        """Put the cursor into West."""
        self._sides[0].focus()

    def _take(self, change: Any) -> None:
        if (found := box_of(str(change["new"]))) is not None:
            self.value = found
        self._changed()


class FileControl(TextControl):
    """The path or address of a file or folder; says at once when there is none."""

    def _text(self, value: Any) -> str:
        return str(plain_value(value))

    def note(self) -> str:
        """Give the size of a file that is found."""
        path = self._local()
        if path is None or not path.exists():
            return ""
        return f"Found, {size(path.stat().st_size)}." if path.is_file() else "Found."

    def finding(self) -> str:
        """Say that nothing is there."""
        path = self._local()
        if path is None:
            return ""
        is_there = path.is_dir() if self.field.kind == "directory" else path.is_file()
        return "" if is_there else f"Nothing at {path}."

    def _local(self) -> Path | None:
        text = self.value
        return None if not text or "://" in text else Path(text).expanduser()


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text or None
