"""`process.execute` as a function with the signature and the help of the process."""

from __future__ import annotations

import datetime
import difflib
import inspect
import keyword
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import UnknownInput
from .field import Field

if TYPE_CHECKING:
    from .job import Job
    from .process import Process

TYPES: dict[str, Any] = {
    "text": str,
    "long_text": str,
    "secret": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "date": datetime.date,
    "datetime": datetime.datetime,
    "bbox": Sequence[float],
    "file": str | Path,
    "directory": str | Path,
    "record": Mapping[str, Any],
}


def make_execute(process: Process) -> Callable[..., Job]:
    """Give the function that launches a process, which says what it takes."""

    def execute(**inputs: Any) -> Job:
        return process._client.execute(process, inputs)

    execute.__qualname__ = f"Process({process.id!r}).execute"
    execute.__doc__ = make_help(process)
    execute.__signature__ = make_signature(process.fields)  # type: ignore[attr-defined]
    return execute


def make_signature(fields: Iterable[Field]) -> inspect.Signature:
    """Give a signature with one keyword for each input; `**inputs` stands for odd names."""
    fields = list(fields)
    plain = [f for f in fields if f.name.isidentifier() and not keyword.iskeyword(f.name)]
    found = [
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=_default(f), annotation=_hint(f)
        )
        for f in plain
    ]
    if len(plain) < len(fields):
        found.append(inspect.Parameter("inputs", inspect.Parameter.VAR_KEYWORD, annotation=Any))
    return inspect.Signature(found, return_annotation="Job")


def make_help(process: Process) -> str:
    """Give the help of a process: what it does, then each input."""
    lines = [f"{process.title}.", ""]
    if process.description not in ("", process.title):
        lines = [process.title, "", process.description, ""]
    lines += ["Parameters", "----------"]
    for field in process.fields:
        lines.append(f"{field.name} : {field.words}{_need(field)}")
        about = [text for text in (field.label, field.help) if text and text != field.name]
        lines += [f"    {line}" for text in dict.fromkeys(about) for line in text.splitlines()]
    lines += ["", "Returns", "-------", "Job", "    Launched; `.wait()` waits for its end."]
    return "\n".join(lines)


def refuse_unknown(process_id: str, fields: Iterable[Field], names: Iterable[str]) -> None:
    """Refuse names that a process does not take.

    Raises
    ------
    UnknownInput
        Naming the nearest.
    """
    known = [field.name for field in fields]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean '{near[0]}'? " if near else ""
            takes = f"It takes: {', '.join(known)}" if known else "It takes none"
            raise UnknownInput(f"{process_id} has no input '{name}'; {hint}{takes}")


def _default(field: Field) -> Any:
    if field.has_default:
        return field.default
    return inspect.Parameter.empty if field.is_required else None


def _hint(field: Field) -> Any:
    found = _type(field)
    is_optional = not field.is_required and not field.has_default
    return found | None if is_optional and found is not Any else found


def _type(field: Field) -> Any:
    if field.kind == "choice":
        return Literal[field.options] if field.options else str
    if field.kind == "array":
        inner = _type(field.item) if field.item else Any
        return list[inner]  # type: ignore[valid-type]
    return TYPES.get(field.kind, Any)


def _need(field: Field) -> str:
    if field.has_default:
        return f", default {field.default!r}"
    return "" if field.is_required else ", optional"
