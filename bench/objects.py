"""Objects of S3: a thousand small ones, a large one; peers on the same server."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.servers.go import Missing, go_program
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY

from .measure import CannotMeasure, Measure
from .s3 import BUCKET, Place, s3_place

MANY, SMALL_BYTES, LARGE_BYTES = 1000, 32 << 10, 1 << 30
PAIRS = 5


def measures() -> Iterator[Measure]:
    with s3_place() as place:
        yield small(place)
        yield large(place)


def small(place: Place) -> Measure:
    """Compare stage-out with uploads one after another, as stage-out scripts do them."""
    files = place.files("small", MANY, SMALL_BYTES)
    ours, theirs = [], []
    one_by_one = boto3_loop(place)
    for number in range(PAIRS):
        ours.append(timed(lambda n=number: stage_out(place, f"ours/{n}", files)))
        theirs.append(timed(lambda n=number: one_by_one(f"theirs/{n}", files)))
    return Measure(
        f"stage-out of {MANY:,} x 32 KiB, times boto3 one by one",
        5.0,
        [b / a for a, b in zip(ours, theirs, strict=True)],
        unit="x",
        is_floor=True,
        peer="boto3 one by one, objects/s",
        peer_value=MANY / statistics.median(theirs),
    )


def large(place: Place) -> Measure:
    """Compare stage-out of one large file with s5cmd."""
    file = place.files("large", 1, LARGE_BYTES)
    try:
        program = go_program("s5cmd")
    except Missing as error:
        raise CannotMeasure(str(error)) from None
    environ = {**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    argv = [str(program), "--endpoint-url", place.server.endpoint, "--log", "error", "cp"]

    def s5cmd() -> None:
        source, target = str(file / "f00000"), f"s3://{BUCKET}/large"
        subprocess.run([*argv, source, target], env=environ, check=True)

    ours, theirs = [], []
    for _ in range(PAIRS):
        ours.append(timed(lambda: stage_out(place, "large", file)))
        store(place).delete("large")
        theirs.append(timed(s5cmd))
        store(place).delete("large")
    return Measure(
        "stage-out of one object of 1 GiB, against s5cmd",
        1.3,
        [a / b for a, b in zip(ours, theirs, strict=True)],
        unit="x",
        peer="s5cmd, s",
        peer_value=statistics.median(theirs),
    )


def store(place: Place) -> Any:
    """Give a store as `collect` makes it."""
    from eodh_runner.store.s3 import S3Store

    return S3Store(place.address)


def stage_out(place: Place, key: str, folder: Path) -> None:
    """Store a folder as `collect` does: hashed while it is read."""
    from eodh_runner.executor.kubernetes.collect import upload
    from eodh_runner.staging.collect import scan

    sums = upload(store(place), key, folder, scan(folder, "/out", {}))
    if not sums:
        raise RuntimeError("nothing was stored")


def boto3_loop(place: Place) -> Callable[[str, Path], None]:
    """Give what uploads a folder by one `upload_file` after another."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=place.server.endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )

    def upload(key: str, folder: Path) -> None:
        for path in sorted(folder.iterdir()):
            client.upload_file(str(path), BUCKET, f"{key}/{path.name}")

    return upload


def timed(action: Callable[[], None]) -> float:
    """Give the seconds that it takes."""
    began = time.monotonic()
    action()
    return time.monotonic() - began
