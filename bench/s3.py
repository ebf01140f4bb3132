"""A real S3 server on loopback for the scoreboard, and stores in it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.go import Missing
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

from .measure import CannotMeasure

BUCKET = "bench"
#: Where the server keeps objects, so that clients are measured and not its disk.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@dataclass(frozen=True)
class Place:
    """A folder for files, and a bucket whose objects are files of another one."""

    folder: Path
    server: S3Server

    @property
    def address(self) -> Any:
        """The bucket, as stores and pods name it."""
        from eodh_runner.store.s3_address import Credentials, S3Address

        credentials = self.folder / "credentials"
        credentials.write_text(Credentials(ACCESS_KEY, SECRET_KEY).to_text())
        return S3Address(BUCKET, "", self.server.endpoint, credentials=credentials)

    def files(self, name: str, count: int, size_bytes: int) -> Path:
        """Give a folder of files whose content no server can shorten."""
        folder = self.folder / name
        folder.mkdir()
        block = os.urandom(min(size_bytes, 1 << 20))
        for number in range(count):
            with (folder / f"f{number:05d}").open("wb") as file:
                for _ in range(size_bytes // len(block)):
                    file.write(block)
        return folder


@contextmanager
def s3_place() -> Iterator[Place]:
    """Give a place that is gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="eodh-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="eodh-bench-", dir=MEMORY) as objects,
    ):
        root, server = Path(folder), S3Server(Path(objects))
        try:
            server.start()
            server.bucket(BUCKET)
            yield Place(root, server)
        except Missing as error:
            raise CannotMeasure(str(error)) from None
        finally:
            server.stop()
