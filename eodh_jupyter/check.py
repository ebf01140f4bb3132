"""Checks values before anything is sent, with the words of the form."""

from __future__ import annotations

import datetime
import operator
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .field import Field, number_text

SIDES = (("West", -180, 180), ("South", -90, 90), ("East", -180, 180), ("North", -90, 90))
#: A pattern comes from a document; on longer text a bad one could take for ever.
MAX_PATTERN_TEXT = 200


class Finding(NamedTuple):
    """What is wrong with a value."""

    #: One sentence, as beside a field of the form.
    text: str
    #: The same where the value is not in sight.
    told: str


def check(field: Field, value: Any) -> Finding | None:
    """Give what is wrong with a value that was entered; None when it fits.

    Values of kinds that only the runner knows (files, records of records) are checked there.

    Examples
    --------
    >>> check(Field("c", "C", "", "number", True, maximum=100, unit="%"), 120)
    Finding(text='At most 100 %.', told='120 is more than 100')
    >>> check(Field("c", "C", "", "number", True), None).text
    'This input is needed.'
    """
    if value is None or (value == "" and field.kind not in ("text", "long_text")):
        is_needed = field.is_required and not field.has_default
        return Finding("This input is needed.", "is needed") if is_needed else None
    text = _CHECKS.get(field.kind, _nothing)(field, value)
    if text is None or isinstance(text, Finding):
        return text
    shown = "the secret" if field.kind == "secret" else _shown(value)
    return Finding(text, f"{shown}: {text[0].lower()}{text[1:].removesuffix('.')}")


def check_all(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Finding]:
    """Give what is wrong by field name, also where From is behind To."""
    found = {}
    for field in fields:
        if (finding := check(field, values.get(field.name))) is not None:
            found[field.name] = finding
    return found


def describe(process_id: str, fields: Iterable[Field], found: Mapping[str, Finding]) -> str:
    """Give what is wrong with the inputs of a process, as the text of an error."""
    named = {field.name: field for field in fields}
    lines = [f"{name}: {finding.told}" for name, finding in found.items()]
    lines += [f"  {process_id} takes as {name}: {named[name].words}." for name in found]
    return "\n".join([*lines, "  Nothing was launched."])


def _nothing(_field: Field, _value: Any) -> None:
    return None


def _number(field: Field, value: Any) -> str | Finding | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "A whole number." if field.kind == "integer" else "A number."
    if field.kind == "integer" and not float(value).is_integer():
        return "A whole number."
    unit = f" {field.unit}" if field.unit else ""
    shown = number_text(value)
    for limit, is_out, word, told in (
        (field.maximum, operator.gt, "At most", "more than"),
        (field.minimum, operator.lt, "At least", "less than"),
        (field.exclusive_maximum, operator.ge, "Less than", "not less than"),
        (field.exclusive_minimum, operator.le, "More than", "not more than"),
    ):
        if limit is not None and is_out(value, limit):
            bound = number_text(limit)
            return Finding(f"{word} {bound}{unit}.", f"{shown} is {told} {bound}")
    return None


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        return "A text."
    if field.min_length is not None and len(value) < field.min_length:
        if not value and field.is_required:
            return "This input is needed."
        return f"At least {field.min_length} characters; there are {len(value)}."
    if field.max_length is not None and len(value) > field.max_length:
        return f"At most {field.max_length} characters; there are {len(value)}."
    if field.pattern and len(value) <= MAX_PATTERN_TEXT and not _matches(field.pattern, value):
        return f"Not of the form {field.pattern}"
    return None


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _boolean(_field: Field, value: Any) -> str | None:
    return None if isinstance(value, bool) else "Yes or no."


def _choice(field: Field, value: Any) -> str | None:
    return None if value in field.options else f"{field.words.capitalize()}."


def _date(field: Field, value: Any) -> str | None:
    try:
        parse_time(str(value), is_date=field.kind == "date")
    except ValueError:
        noun = "date" if field.kind == "date" else "date and time"
        return f"Not a {noun}: {str(value)[:40]}."
    return None


def parse_time(text: str, *, is_date: bool) -> datetime.date:
    """Give the date, or the moment, that a text stands for (ISO 8601).

    Raises
    ------
    ValueError
        When it stands for none.
    """
    if is_date:
        return datetime.date.fromisoformat(text)
    if len(text) <= 10:
        raise ValueError("a time of day is missing")
    return datetime.datetime.fromisoformat(text)


def _interval(_field: Field, value: Any) -> str | None:
    ends = value.split("/") if isinstance(value, str) else value
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        return "From and To."
    times = []
    for end in ends:
        if end in (None, "", ".."):
            continue
        try:
            times.append(parse_time(str(end), is_date=len(str(end)) <= 10))
        except ValueError:
            return f"Not a date: {str(end)[:40]}."
    if len(times) == 2 and str(times[1]) < str(times[0]):
        return f"To is before From ({_spoken(times[0])})."
    return None


def _spoken(day: datetime.date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _bbox(_field: Field, value: Any) -> str | None:
    sides = value.get("bbox") if isinstance(value, Mapping) else value
    if isinstance(sides, str):
        sides = sides.split(",")
    if not isinstance(sides, list | tuple) or len(sides) not in (4, 6):
        return "West, south, east and north."
    flat = [*sides[:2], *sides[3:5]] if len(sides) == 6 else sides
    numbers = []
    for (name, low, high), side in zip(SIDES, flat, strict=True):
        try:
            number = float(side)
        except (TypeError, ValueError):
            return f"{name} is not a number."
        is_degrees = not isinstance(value, Mapping) or "CRS84" in str(value.get("crs", "CRS84"))
        if is_degrees and not low <= number <= high:
            # The minus sign of typesetting.
            return f"{name} is not between \N{MINUS SIGN}{high} and {high}."
        numbers.append(number)
    if numbers[3] < numbers[1]:
        return "North is south of South."
    return None


def _array(field: Field, value: Any) -> str | Finding | None:
    if not isinstance(value, list | tuple):
        return "A list."
    if field.max_items is not None and len(value) > field.max_items:
        return f"At most {field.max_items} entries; there are {len(value)}."
    if field.min_items is not None and len(value) < field.min_items:
        return f"At least {field.min_items} entries; there are {len(value)}."
    for number, item in enumerate(value, 1):
        if field.item is not None and (found := check(field.item, item)) is not None:
            return Finding(f"Entry {number}: {found.text}", f"entry {number}: {found.told}")
    return None


def _record(field: Field, value: Any) -> str | Finding | None:
    if not isinstance(value, Mapping):
        return "A record."
    for name, found in check_all(field.fields, value).items():
        label = next(f.label for f in field.fields if f.name == name)
        return Finding(f"{label}: {found.text}", f"{name}: {found.told}")
    return None


def _union(field: Field, value: Any) -> str | Finding | None:
    found = [check(choice, value) for choice in field.choices]
    if not found or None in found:
        return None
    return f"{field.words.capitalize()}."


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


_CHECKS: dict[str, Any] = {
    "integer": _number,
    "number": _number,
    "text": _text,
    "long_text": _text,
    "secret": _text,
    "boolean": _boolean,
    "choice": _choice,
    "date": _date,
    "datetime": _date,
    "interval": _interval,
    "bbox": _bbox,
    "array": _array,
    "record": _record,
    "union": _union,
}
