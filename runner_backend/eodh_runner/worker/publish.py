"""Between the outside and a job's own objects: inputs brought in, outputs made lasting."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..domain.failure import Failure, FailureClass, StepFailed
from ..staging.fetch import FetchRefused, stream
from ..store import FILE_SCHEME, Store, key_of, location_of

#: Largest input that is fetched over http(s).
MAX_INPUT_BYTES = 20 << 30


async def bring_in(
    store: Store, prefix: str, order: dict[str, Any], *, allow_private: bool
) -> dict[str, Any]:
    """Fetch http(s) files of a job order into the store; give the order that names them.

    Raises
    ------
    StepFailed
        Class input, naming the address.
    """
    order = copy.deepcopy(order)
    for number, entry in enumerate(_entries(order)):
        location = entry.get("location", "")
        if not location.startswith(("http:", "https:")):
            continue
        name = unquote(urlsplit(location).path.rsplit("/", 1)[-1]) or "input"
        key = f"{prefix}/inputs/{number}/{key_of(name)}"
        if store.stat(key) is None:
            await _fetch(store, key, location, allow_private=allow_private)
        entry["location"] = location_of(key)
        entry.setdefault("basename", name)
    return order


def upload(store: Store, prefix: str, order: dict[str, Any]) -> dict[str, Any]:
    """Copy the user's own files of a job order into the store; give the order that names them.

    Raises
    ------
    StepFailed
        Class input, naming what is not there.
    """
    order = copy.deepcopy(order)
    for number, entry in enumerate(_entries(order)):
        location = entry.get("location", "")
        if not location.startswith(FILE_SCHEME):
            continue
        path = Path(unquote(location[len(FILE_SCHEME) :]))
        key = f"{prefix}/inputs/{number}/{key_of(path.name or 'input')}"
        try:
            if store.stat(key) is None:
                _copy(store, key, path)
        except FileNotFoundError as error:
            raise StepFailed(
                Failure(
                    FailureClass.INPUT,
                    f"the input {path} is not there any more",
                    "Put it back, or launch with another file.",
                )
            ) from error
        entry["location"] = location_of(key)
        entry.setdefault("basename", path.name)
        entry.pop("path", None)
    return order


async def _fetch(store: Store, key: str, url: str, *, allow_private: bool) -> None:
    size = 0
    with tempfile.NamedTemporaryFile() as file:
        try:
            async with stream(url, allow_private=allow_private) as chunks:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MAX_INPUT_BYTES:
                        raise FetchRefused(f"{url} is larger than {MAX_INPUT_BYTES >> 30} GiB")
                    file.write(chunk)
        except FetchRefused as error:
            raise StepFailed(
                Failure(FailureClass.INPUT, str(error), "Check the address and launch again.")
            ) from error
        file.flush()
        store.put_file(key, Path(file.name))


def publish(store: Store, prefix: str, outputs: dict[str, Any]) -> dict[str, Any]:
    """Give the output object with every file in the store.

    Outputs of steps stay where they are; literals, and inputs that pass through, are
    written beside them, since nothing else keeps those.
    """
    outputs = copy.deepcopy(outputs)
    for number, entry in enumerate(_entries(outputs)):
        location = entry.get("location", "_:")
        key = f"{prefix}/results/{number}/{key_of(str(entry.get('basename', 'output')))}"
        if location.startswith(FILE_SCHEME):
            _copy(store, key, Path(unquote(location[len(FILE_SCHEME) :])))
        elif location.startswith("_:") and entry["class"] == "File":
            store.put(key, str(entry.pop("contents", "")).encode())
        else:
            continue
        entry["location"] = location_of(key)
        entry.pop("path", None)
    return outputs


def _copy(store: Store, key: str, path: Path) -> None:
    if not path.is_dir():
        store.put_file(key, path)
        return
    for file in sorted(path.rglob("*")):
        if file.is_file():
            store.put_file(f"{key}/{file.relative_to(path).as_posix()}", file)


def _entries(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        here = [value] if value.get("class") in ("File", "Directory") else []
        return here + [entry for item in value.values() for entry in _entries(item)]
    if isinstance(value, list):
        return [entry for item in value for entry in _entries(item)]
    return []
