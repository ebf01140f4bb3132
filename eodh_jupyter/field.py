"""Fields of a process's inputs: the one description behind form, signature, help and code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Kind of a field to what it takes, in words; see `Field.words`.
WORDS = {
    "text": "text",
    "long_text": "text",
    "secret": "secret text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "date": "date",
    "datetime": "date and time",
    "interval": "two dates",
    "bbox": "bounding box, degrees",
    "geometry": "geometry (GeoJSON)",
    "file": "file",
    "directory": "folder",
    "record": "record",
    "json": "JSON",
}
LIMITS = (
    *("unit", "minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "step", "pattern"),
    *("min_length", "max_length", "min_items", "max_items"),
)
#: The limits of numbers, and what the schema calls them.
BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
}


@dataclass(frozen=True)
class Field:
    """One input, or one part of it, as the runner describes it for all front ends."""

    name: str
    label: str
    help: str
    #: text, integer, choice, date, bbox, file, array, record, union, json, ...
    kind: str
    is_required: bool
    has_default: bool = False
    default: Any = None
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    step: float | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    #: Values of a choice.
    options: tuple[Any, ...] = ()
    #: The entries of an array.
    item: Field | None = None
    #: The members of a record.
    fields: tuple[Field, ...] = ()
    #: The kinds of a union.
    choices: tuple[Field, ...] = ()
    media_types: tuple[str, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Field:
        """Read the wire form; members of a newer runner are left out."""
        name = str(found.get("name", ""))
        return cls(
            name=name,
            label=str(found.get("label") or name),
            help=str(found.get("help") or ""),
            kind=str(found.get("kind", "json")),
            is_required=bool(found.get("required")),
            has_default="default" in found,
            default=found.get("default"),
            options=tuple(found.get("options") or ()),
            item=cls.from_json(found["item"]) if found.get("item") else None,
            fields=tuple(map(cls.from_json, found.get("fields") or ())),
            choices=tuple(map(cls.from_json, found.get("choices") or ())),
            media_types=tuple(found.get("media_types") or ()),
            schema=dict(found.get("schema") or {}),
            **{limit: found.get(limit) for limit in LIMITS},
        )

    @property
    def words(self) -> str:
        """What it takes, in a few words.

        Examples
        --------
        >>> Field("c", "C", "", "number", True, minimum=0, maximum=100, unit="%").words
        'number from 0 to 100, in %'
        >>> Field("i", "I", "", "choice", True, options=("NDVI", "EVI")).words
        'one of NDVI, EVI'
        """
        if self.kind == "choice":
            shown = ", ".join(map(str, self.options[:8]))
            return f"one of {shown}" + (", …" if len(self.options) > 8 else "")
        if self.kind == "array":
            inner = self.item.words if self.item else "values"
            return f"list of {inner}{_range(self.min_items, self.max_items)}"
        if self.kind == "union":
            return " or ".join(choice.words for choice in self.choices) or "value"
        words = WORDS.get(self.kind, "value") + _range(*self.range)
        if self.media_types:
            words += f", {', '.join(self.media_types[:3])}"
        return f"{words}, in {self.unit}" if self.unit else words

    def as_sent(self) -> Field:
        """Give the field with the limits of its schema alone.

        Those that the runner has read from the words of label and help guide a form; they
        refuse nothing.
        """
        item = self.item.as_sent() if self.item else None
        bounds: dict[str, Any] = dict.fromkeys(BOUNDS)
        bounds |= {name: getattr(self, name) for name in BOUNDS if BOUNDS[name] in self.schema}
        return replace(self, item=item, fields=tuple(f.as_sent() for f in self.fields), **bounds)

    @property
    def range(self) -> tuple[float | None, float | None]:
        """Lowest and highest value, whether it may be reached or not."""
        low = self.minimum if self.minimum is not None else self.exclusive_minimum
        high = self.maximum if self.maximum is not None else self.exclusive_maximum
        return low, high


def number_text(value: float) -> str:
    """Give a number as it is written, without a needless fraction.

    Examples
    --------
    >>> number_text(100.0), number_text(0.25), number_text(3)
    ('100', '0.25', '3')
    """
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else str(value)


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {number_text(low)} to {number_text(high)}"
    if low is not None:
        return f" from {number_text(low)}"
    return f" up to {number_text(high)}" if high is not None else ""
