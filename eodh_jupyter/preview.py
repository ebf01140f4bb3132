"""A small look at a result, made by the runner; what is shown stays in the notebook."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from html import escape
from typing import Any

from .display.table import table, text_table
from .display.words import clean, clean_log, size
from .errors import EodhError
from .http import Transport

MAX_ROWS = 20
MAX_TEXT = 4000


@dataclass(frozen=True)
class Preview:
    """What is known of a file at a glance; shows itself as picture, table or text."""

    #: Path within the job.
    path: str
    #: image, raster, table, text, json, stac or none.
    kind: str
    #: As the runner tells it: raster, table, text, json, stac, reason, size_bytes, media_type.
    facts: dict[str, Any] = field(repr=False)
    #: Bytes of the picture (PNG); empty when there is none.
    png: bytes = field(default=b"", repr=False)

    @property
    def bbox(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees (WGS 84); None when the place is not known."""
        found = (self.facts.get("raster") or self.facts.get("stac") or {}).get("bbox")
        return (found[0], found[1], found[2], found[3]) if found and len(found) == 4 else None

    def to_text(self) -> str:
        """Give it as text."""
        return "\n".join(filter(None, [f"{clean(self.path)}: {self._line()}", self._body_text()]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        bundle = {"text/plain": self.to_text(), "text/html": self._html()}
        if self.png:
            bundle["image/png"] = base64.b64encode(self.png).decode()
        return bundle

    def __str__(self) -> str:
        """Give it as text."""
        return self.to_text()

    def _line(self) -> str:
        facts = [self.kind if self.kind != "none" else "no preview"]
        if raster := self.facts.get("raster"):
            bands = raster.get("bands", 1)
            facts += [
                f"{raster['width']} × {raster['height']} pixels",
                f"{bands} band{'s' if bands != 1 else ''} {clean(raster.get('dtype', ''))}".strip(),
                clean(raster.get("crs") or "no reference system", 60),
            ]
            if raster.get("nodata") is not None:
                facts.append(f"no data: {clean(raster['nodata'])}")
        if stac := self.facts.get("stac"):
            facts.append(f"{clean(stac.get('type', ''))} {clean(stac.get('id', ''), 80)}".strip())
        if "size_bytes" in self.facts:
            facts.append(size(self.facts["size_bytes"]))
        if reason := self.facts.get("reason"):
            facts.append(clean(reason))
        return " · ".join(facts)

    def _body_text(self) -> str:
        if found := self.facts.get("table"):
            return text_table([found["columns"], *found["rows"][:MAX_ROWS]]) + self._cut()
        if (text := self._text()) is not None:
            return text + self._cut()
        return " to ".join(_corners(self.bbox)) if self.bbox else ""

    def _html(self) -> str:
        head = f"<div><code>{escape(clean(self.path))}</code> {escape(self._line())}</div>"
        if self.png:
            return f"<div>{head}{self._picture()}</div>"
        if found := self.facts.get("table"):
            return (
                f"<div>{head}{table(found['columns'], found['rows'][:MAX_ROWS])}{self._cut()}</div>"
            )
        if (text := self._text()) is not None:
            pre = "<pre style='max-height:24em;overflow:auto'>"
            return f"<div>{head}{pre}{escape(text)}</pre>{self._cut()}</div>"
        return f"<div>{head}</div>"

    def _picture(self) -> str:
        data = base64.b64encode(self.png).decode()
        about = escape(f"{clean(self.path)}, {self._line()}", quote=True)
        picture = (
            f"<img alt='{about}' src='data:image/png;base64,{data}' "
            "style='max-width:100%;border:1px solid rgba(128,128,128,.5)'>"
        )
        if self.bbox is None:
            return picture
        west, south, east, north = _sides(self.bbox)
        cell = "<td style='text-align:center;padding:2px 6px;font-size:11px'>"
        return (
            "<table style='border-collapse:collapse'>"
            f"<tr><td></td>{cell}{north}</td><td></td></tr>"
            f"<tr>{cell}{west}</td><td style='padding:0'>{picture}</td>{cell}{east}</td></tr>"
            f"<tr><td></td>{cell}{south}</td><td></td></tr></table>"
        )

    def _text(self) -> str | None:
        import json

        if "text" in self.facts:
            return clean_log(str(self.facts["text"]))[:MAX_TEXT]
        for name in ("json", "stac"):
            if self.facts.get(name) is not None:
                return clean_log(json.dumps(self.facts[name], indent=2))[:MAX_TEXT]
        return None

    def _cut(self) -> str:
        rows = (self.facts.get("table") or {}).get("rows", [])
        is_cut = self.facts.get("is_cut") or (self.facts.get("table") or {}).get("is_cut")
        text = str(self.facts.get("text", ""))
        return (
            "\nonly the beginning is shown"
            if (is_cut or len(rows) > MAX_ROWS or len(text) > MAX_TEXT)
            else ""
        )


def read_preview(http: Transport, job_id: str, path: str, size: int) -> Preview:
    """Ask the runner for the preview of a result, and for its picture when it has one."""
    params = {"path": path}
    facts: dict[str, Any] = http.request("GET", f"jobs/{job_id}/preview", params=params).json()
    png = b""
    if facts.get("image"):
        options = {"path": path, "size": str(size)}
        try:
            answer = http.request("GET", f"jobs/{job_id}/preview.png", params=options)
        except EodhError as error:
            facts = {**facts, "reason": str(error)}
        else:
            png = answer.content
    return Preview(path, str(facts.get("kind", "none")), facts, png)


def _sides(bbox: tuple[float, float, float, float]) -> list[str]:
    west, south, east, north = bbox
    span = min(abs(east - west), abs(north - south)) or 1.0
    digits = min(6, max(0, math.ceil(-math.log10(span)) + 1))
    return [
        f"{abs(value):.{digits}f}° {names[value < 0]}"
        for value, names in ((west, "EW"), (south, "NS"), (east, "EW"), (north, "NS"))
    ]


def _corners(bbox: tuple[float, float, float, float]) -> list[str]:
    west, south, east, north = _sides(bbox)
    return [f"{south}, {west}", f"{north}, {east}"]
