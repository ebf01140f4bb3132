"""A STAC item in a folder, with its bands beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .raster import BadInput


@dataclass(frozen=True)
class Item:
    """What is needed of a STAC item."""

    id: str
    folder: Path
    assets: dict[str, Any]
    #: First and last possible time of the picture (RFC 3339); equal when it is known.
    times: tuple[str, str]

    def path(self, band: str) -> Path:
        """Give the file of a band."""
        if band not in self.assets:
            known = ", ".join(sorted(self.assets))
            raise BadInput(f"item '{self.id}' has no band '{band}'; it has: {known}")
        path = self.folder / self.assets[band]["href"]
        if not path.is_file():
            raise BadInput(f"band '{band}' of item '{self.id}' is not in its folder: {path.name}")
        return path


def read_item(folder: Path) -> Item:
    """Give the STAC item of a folder: its `item.json`, else its one JSON file."""
    found = sorted(folder.glob("*.json"))
    path = folder / "item.json" if len(found) != 1 else found[0]
    if not path.is_file():
        raise BadInput(f"folder '{folder.name}' holds no item.json; name the folder of a STAC item")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        properties = read["properties"]
        moment = properties["datetime"]
        times = (moment, moment)
        if moment is None:
            times = (properties["start_datetime"], properties["end_datetime"])
        return Item(read["id"], folder, read["assets"], times)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"'{folder.name}/{path.name}' is not a STAC item: {error!r}") from None
