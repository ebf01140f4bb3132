"""Objects in a bucket of S3, or of what speaks its language."""

from __future__ import annotations

import errno
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

from . import Child, ObjectInfo, require_key
from .s3_address import S3Address, escape, unescape
from .s3_client import Clients, PastEnd, StoreDenied, translated

#: Small objects under way at the same time, and parts of one large object.
IN_FLIGHT, PARTS_IN_FLIGHT = 24, 4
#: From this size on few are under way, so that memory stays bounded.
LARGE_BYTES, LARGE_IN_FLIGHT = 1 << 20, 3
#: Size of a part; 10,000 of them make the largest object, so larger ones get larger parts.
PART_BYTES, MAX_PARTS = 8 << 20, 9_000
#: S3 deletes and lists so many at once.
PAGE = 1000
MAX_KEY_BYTES = 1024
#: Behind every name: the last character there is.
LAST = "\U0010ffff"
T = TypeVar("T")


class S3Store:
    """A store in one bucket, below one prefix; a write is seen whole or not at all.

    Nothing here relies on conditional writes, which many stores ignore: each prefix
    has one writer, and what points to it is in the database.
    """

    def __init__(self, address: S3Address) -> None:
        self.address = address
        self._clients = Clients(address)
        self._base = f"{address.prefix}/" if address.prefix else ""

    def check(self) -> None:
        """Find out whether the bucket can be used.

        Raises
        ------
        ValueError
            Naming the bucket and the remedy.
        """
        bucket, address = self.address.bucket, self.address
        try:
            with translated(""):
                self._clients.control.list_objects_v2(Bucket=bucket, Prefix=self._base, MaxKeys=1)
        except StoreDenied as error:
            raise ValueError(
                f"{address.url}: {error.strerror}; it needs list, get, put and delete there"
            ) from None
        except OSError as error:
            where = address.endpoint or "AWS"
            raise ValueError(f"{address.url} at {where}: {error.strerror}") from None

    def put(self, key: str, data: bytes) -> None:
        """Write a small object whole."""
        self._send(key, data, len(data))

    def put_stream(self, key: str, source: IO[bytes]) -> None:
        """Write an object from what is read once, from its start to its end."""
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        # What is small is sent from memory, at half the cost of a file-like object.
        self._send(key, source.read() if size < LARGE_BYTES else source, size)

    def put_file(self, key: str, path: Path) -> None:
        """Copy a file into the store."""
        self._send(key, path, path.stat().st_size)

    def put_files(self, files: Iterable[tuple[str, Path]]) -> None:
        """Copy many files, some at the same time."""
        side_by_side(lambda item: self.put_file(*item), files, lambda item: item[1].stat().st_size)

    def adopt(self, key: str, folder: Path) -> None:
        """Upload a whole folder, then remove it; doing it again completes it."""
        for parent, folders, names in os.walk(folder):
            below = f"{key}/{Path(parent).relative_to(folder).as_posix()}".removesuffix("/.")
            found = [(f"{below}/{name}", Path(parent) / name) for name in names]
            self.put_files(item for item in found if not item[1].is_symlink())
            if not (folders or names):
                self.put_folder(below)
        shutil.rmtree(folder, ignore_errors=True)

    def put_folder(self, key: str) -> None:
        """Make an empty folder, by a name that ends with a slash as consoles do."""
        name = f"{self._name(key)}/"
        self._call(
            key,
            lambda: self._clients.control.put_object(
                Bucket=self.address.bucket, Key=name, Body=b""
            ),
        )

    def has_folder(self, key: str) -> bool:
        """Tell whether anything is below a folder, or it was made empty."""
        return bool(self._page(f"{self._name(key)}/", "", 1).get("Contents"))

    def stat(self, key: str) -> ObjectInfo | None:
        """Give what is known of the object, or None."""
        try:
            return ObjectInfo(key, self._head(key))
        except FileNotFoundError:
            return None

    def read(self, key: str, offset: int = 0, limit: int | None = None) -> bytes:
        """Read a range; raises FileNotFoundError when there is no such object."""
        if limit == 0:
            self._head(key)
            return b""
        try:
            return self._get(key, offset, limit)
        except PastEnd:
            return b""

    def get_file(self, key: str, path: Path) -> None:
        """Bring an object into a file, large ones by ranges at the same time.

        The file appears when it is complete.
        """
        size = self._head(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name[:200]}.part")
        ranges = [(at, min(PART_BYTES, size - at)) for at in range(0, size, PART_BYTES)]
        with part.open("wb") as file:
            handle = file.fileno()

            def bring(piece: tuple[int, int]) -> None:
                os.pwrite(handle, self._get(key, *piece), piece[0])

            if len(ranges) > 1:
                _in_order(bring, ranges, PARTS_IN_FLIGHT)
            elif ranges:
                file.write(self._get(key, 0, None))
        part.replace(path)

    def get_folder(self, key: str, path: Path) -> None:
        """Bring everything below a folder, some files at the same time."""
        if not self.has_folder(key):
            raise FileNotFoundError(errno.ENOENT, "no such folder", key)
        path.mkdir(parents=True, exist_ok=True)

        def files() -> Iterator[tuple[str, Path, int]]:
            for name, size in self._names(f"{self._name(key)}/", "", PAGE):
                below = unescape(name[len(self._base) :])
                if name.endswith("/"):
                    (path / below[len(key) + 1 :]).mkdir(parents=True, exist_ok=True)
                else:
                    yield below, path / below[len(key) + 1 :], size

        side_by_side(lambda item: self.get_file(*item[:2]), files(), lambda item: item[2])

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[ObjectInfo]:
        """Give the objects below a folder by key order."""
        require_key(prefix)
        return islice(self._walk(f"{prefix}/", after, min(limit, PAGE)), limit)

    def children(self, prefix: str, after: str = "", limit: int = 1000) -> Iterator[Child]:
        """Give what stands directly in a folder by key order."""
        require_key(prefix)
        return islice(self._level(f"{self._name(prefix)}/", after, min(limit, PAGE)), limit)

    def delete(self, prefix: str) -> None:
        """Remove the object and everything below it, uploads that never ended too."""
        require_key(prefix)
        self._abort(prefix)
        self._remove([self._name(prefix)])
        found = self._names(f"{self._name(prefix)}/", "", PAGE)
        while page := [name for name, _ in islice(found, PAGE)]:
            self._remove(page)

    def local_path(self, key: str) -> Path | None:
        """Give None: objects are not local files."""
        return None

    def link(self, key: str, lives_s: int, **headers: str) -> str | None:
        """Give an address that reads the object for some time, without credentials.

        Parameters
        ----------
        headers
            What the answer shall say, by boto3's names (`ResponseContentType`...).
        """
        params = {"Bucket": self.address.bucket, "Key": self._name(key), **headers}
        url: str = self._clients.control.generate_presigned_url(
            "get_object", Params=params, ExpiresIn=lives_s
        )
        return url

    def _name(self, key: str) -> str:
        require_key(key)
        name = self._base + escape(key)
        if len(name.encode()) > MAX_KEY_BYTES:
            raise OSError(errno.ENAMETOOLONG, "the name is too long for S3", key)
        return name

    def _send(self, key: str, source: bytes | Path | IO[bytes], size: int) -> None:
        import obstore

        name = self._name(key)
        part = max(PART_BYTES, -(-size // MAX_PARTS))

        def send() -> None:
            if not isinstance(source, bytes | Path):
                source.seek(0)
            obstore.put(
                self._clients.objects,
                name,
                source,
                use_multipart=size > part,
                chunk_size=part,
                max_concurrency=PARTS_IN_FLIGHT,
            )

        try:
            self._call(key, send)
        except BaseException:
            if size > part:
                self._abort(key)
            raise

    def _get(self, key: str, offset: int, limit: int | None) -> bytes:
        import obstore

        def get(name: str) -> bytes:
            objects = self._clients.objects
            if limit is not None:
                return bytes(obstore.get_range(objects, name, start=offset, length=limit))
            options: Any = {"range": {"offset": offset}} if offset else {}
            return bytes(obstore.get(objects, name, options=options).bytes())

        return self._find(key, get)

    def _head(self, key: str) -> int:
        import obstore

        try:
            return self._find(
                key, lambda name: int(obstore.head(self._clients.objects, name)["size"])
            )
        except FileNotFoundError:
            raise
        except OSError:
            # A HEAD says no reason; a GET does.
            self._get(key, 0, 1)
            raise

    def _find(self, key: str, action: Callable[[str], T]) -> T:
        """Do it with what may be there: nothing has a name that is too long."""
        try:
            name = self._name(key)
            return self._call(key, lambda: action(name))
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise FileNotFoundError(errno.ENOENT, "no such object", key) from None
            raise

    def _walk(self, prefix: str, after: str, page: int) -> Iterator[ObjectInfo]:
        start, length = self._base + escape(after) if after else "", len(self._base)
        for name, size in self._names(self._base + escape(prefix), start, page):
            if not name.endswith("/"):
                yield ObjectInfo(unescape(name[length:]), size)

    def _names(self, prefix: str, start: str, page: int) -> Iterator[tuple[str, int]]:
        """Give names as they are in the bucket, empty folders among them."""
        while True:
            answer = self._page(prefix, start, page)
            for item in answer.get("Contents", ()):
                yield item["Key"], item["Size"]
            if not answer.get("IsTruncated"):
                return
            start = answer["Contents"][-1]["Key"]

    def _level(self, prefix: str, after: str, page: int) -> Iterator[Child]:
        start = prefix + escape(after) if after else ""
        while True:
            # What is behind a folder is behind all that is in it.
            answer = self._page(prefix, start + LAST if start.endswith("/") else start, page, "/")
            found = [(item["Key"], item["Size"]) for item in answer.get("Contents", ())]
            found += [(item["Prefix"], 0) for item in answer.get("CommonPrefixes", ())]
            for start, size in sorted(found):
                if start != prefix:  # a folder that was made empty
                    name = unescape(start[len(prefix) :])
                    yield Child(name.removesuffix("/"), name.endswith("/"), size)
            if not answer.get("IsTruncated"):
                return

    def _page(self, prefix: str, start: str, page: int, delimiter: str = "") -> dict[str, Any]:
        def get() -> dict[str, Any]:
            more = {"StartAfter": start} if start else {}
            if delimiter:
                more["Delimiter"] = delimiter
            found: dict[str, Any] = self._clients.control.list_objects_v2(
                Bucket=self.address.bucket, Prefix=prefix, MaxKeys=page, **more
            )
            return found

        return self._call(prefix, get)

    def _remove(self, names: Sequence[str]) -> None:
        objects = [{"Key": name} for name in names]

        def remove() -> Any:
            return self._clients.control.delete_objects(
                Bucket=self.address.bucket, Delete={"Objects": objects, "Quiet": True}
            )

        for error in self._call(names[0], remove).get("Errors", ()):
            if error.get("Code") != "NoSuchKey":
                raise OSError(errno.EIO, f"cannot be removed: {error.get('Code')}", error["Key"])

    def _abort(self, prefix: str) -> None:
        """End uploads in parts that nobody will complete: one writer has each prefix."""

        def abort() -> None:
            control, bucket = self._clients.control, self.address.bucket
            found = control.list_multipart_uploads(Bucket=bucket, Prefix=self._name(prefix))
            for upload in found.get("Uploads", ()):
                if f"{upload['Key']}/".startswith(f"{self._name(prefix)}/"):
                    control.abort_multipart_upload(
                        Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )

        self._call(prefix, abort)

    def _call(self, key: str, action: Callable[[], T]) -> T:
        """Do it; once more when the credentials have been renewed meanwhile."""
        try:
            with translated(key):
                return action()
        except StoreDenied:
            if not self._clients.has_newer():
                raise
        with translated(key):
            return action()


def side_by_side(
    action: Callable[[T], None], items: Iterable[T], size_of: Callable[[T], int]
) -> None:
    """Do something for every item: many small ones at a time, few large ones after them."""
    large: list[T] = []

    def small() -> Iterator[T]:
        for item in items:
            if size_of(item) < LARGE_BYTES:
                yield item
            else:
                large.append(item)

    _in_order(action, small(), IN_FLIGHT)
    _in_order(action, large, LARGE_IN_FLIGHT)


def _in_order(action: Callable[[T], None], items: Iterable[T], in_flight: int) -> None:
    """Begin items in order, a bounded number at a time; the first error ends it."""
    left = iter(items)
    with ThreadPoolExecutor(in_flight, thread_name_prefix="s3") as pool:
        waiting = deque(pool.submit(action, item) for item in islice(left, 4 * in_flight))
        try:
            while waiting:
                waiting.popleft().result()
                waiting.extend(pool.submit(action, item) for item in islice(left, 1))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
