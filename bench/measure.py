"""One row of the scoreboard, and the file that holds them."""

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
#: From so many samples on, the value of a row is their 95th percentile, else the median.
MANY = 50


class CannotMeasure(RuntimeError):
    """A subject cannot be measured on this computer; says why in one line."""


@dataclass(frozen=True)
class Measure:
    """What was measured, and what it has to be."""

    name: str
    target: float
    samples: list[float]
    unit: str = "s"
    #: True when the target is the least that will do, not the most.
    is_floor: bool = False
    #: Isolation in force while steps or documents were run.
    isolation: str = "none"
    #: Who did the same work in the same run, and its median in the same unit, or as named.
    peer: str | None = None
    peer_value: float | None = None

    @property
    def value(self) -> float:
        ordered = sorted(self.samples)
        if len(ordered) < MANY:
            return statistics.median(ordered)
        share = 0.05 if self.is_floor else 0.95
        return ordered[int(share * (len(ordered) - 1))]

    @property
    def is_met(self) -> bool:
        return self.value >= self.target if self.is_floor else self.value <= self.target

    def to_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": self.name,
            "value": round(self.value, 6),
            "unit": self.unit,
            "target": self.target,
            "met": self.is_met,
            "samples": [round(sample, 6) for sample in sorted(self.samples)],
            "isolation": self.isolation,
        }
        if self.is_floor:
            row["target_is"] = "least"
        if self.peer is not None:
            row.update(peer=self.peer, peer_value=self.peer_value)
        return row

    def __str__(self) -> str:
        sign, verdict = ("≥" if self.is_floor else "≤"), ("" if self.is_met else "  MISSED")
        peer = f"  ({self.peer}: {self.peer_value:.3g})" if self.peer_value is not None else ""
        line = f"{self.name:58} {self.value:9.3f} {self.unit:8} {sign} {self.target:g}"
        return line + peer + verdict


def repeat(count: int, sample: Callable[[], float]) -> list[float]:
    """Give some samples, one after another."""
    return [sample() for _ in range(count)]


def write(measures: Iterable[Measure], path: Path = RESULTS) -> None:
    """Put rows into the file; rows of other names stay as they are."""
    rows = [measure.to_json() for measure in measures]
    names = {row["name"] for row in rows}
    found = json.loads(path.read_text()) if path.exists() else {"measures": []}
    kept = [row for row in found["measures"] if row["name"] not in names]
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    text = json.dumps({"measures": rows + kept, "machine": machine}, indent=1)
    path.write_text(text)
