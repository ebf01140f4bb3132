"""The two clients of one bucket, and what their errors mean.

obstore moves content: it imports in no time and holds no lock of Python while it works.
boto3 does the rest; it is imported when first needed.
"""

from __future__ import annotations

import errno
import hashlib
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from .s3_address import Credentials, S3Address

CONNECT_S = 5
#: Longest silence of one request, and longest time that one request is tried again.
READ_S = 60
RETRY_S = 120
#: What S3 says when the keys are too old; whoever has newer ones tries again.
STALE = ("ExpiredToken", "InvalidToken", "TokenRefreshRequired", "RequestExpired")
MAX_LINE = 300
_DENIED = (*STALE, "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden")


class PastEnd(OSError):
    """The range begins behind the end of the object."""


class StoreDenied(PermissionError):
    """The store refuses the credentials."""


class Clients:
    """Clients made when first used, made again when the credentials file has changed."""

    def __init__(self, address: S3Address) -> None:
        self._address = address
        self._stamp: object = None
        self._objects: Any = None
        self._control: Any = None
        self._lock = threading.Lock()

    @property
    def objects(self) -> Any:
        """The `obstore` store of the bucket."""
        with self._lock:
            self._look()
            if self._objects is None:
                self._objects = _make_objects(self._address)
            return self._objects

    @property
    def control(self) -> Any:
        """The `boto3` client."""
        with self._lock:
            self._look()
            if self._control is None:
                self._control = _make_control(self._address)
            return self._control

    def has_newer(self) -> bool:
        """Tell whether the credentials changed since the last use."""
        with self._lock:
            before = self._stamp
            self._look()
            return before != self._stamp

    def _look(self) -> None:
        path = self._address.credentials
        if path is None:
            return
        try:
            status = path.stat()
        except OSError:
            Credentials.read(path)  # says what is wrong
            raise
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._stamp, self._objects, self._control = stamp, None, None


def _make_objects(address: S3Address) -> Any:
    from obstore.store import S3Store as Objects

    options: dict[str, Any] = {
        "endpoint": address.endpoint,
        "region": address.region,
        "virtual_hosted_style_request": not address.is_path_style,
        "client_options": {
            "allow_http": True,
            "connect_timeout": f"{CONNECT_S}s",
            "timeout": f"{READ_S}s",
            "pool_max_idle_per_host": "64",
        },
        "retry_config": {"max_retries": 8, "retry_timeout": timedelta(seconds=RETRY_S)},
    }
    if address.endpoint and not address.is_path_style:
        scheme, _, host = address.endpoint.partition("://")
        options["endpoint"] = f"{scheme}://{address.bucket}.{host}"
    if address.credentials is not None:
        keys = Credentials.read(address.credentials)
        options |= {
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
        }
        if keys.session_token:
            options["session_token"] = keys.session_token
    else:
        from obstore.auth.boto3 import Boto3CredentialProvider

        # Short, so that keys that rotate are asked for again in time.
        options["credential_provider"] = Boto3CredentialProvider(
            make_session(address), ttl=timedelta(minutes=6)
        )
    return Objects(address.bucket, **{k: v for k, v in options.items() if v is not None})


def _make_control(address: S3Address) -> Any:
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if address.is_path_style else "virtual"},
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        retries={"mode": "standard", "max_attempts": 8},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    client = make_session(address).client("s3", endpoint_url=address.endpoint, config=config)
    client.meta.events.register("before-sign.s3.DeleteObjects", _add_md5)
    return client


def make_session(address: S3Address) -> Any:
    """Give a session of boto3 with the credentials of this moment."""
    import boto3

    if address.credentials is None:
        session = boto3.Session(region_name=address.region)
        if session.get_credentials() is None:
            raise ValueError(
                f"there are no credentials for {address.url}; set EODH_STORE_CREDENTIALS to a file "
                "with them, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        return session
    keys = Credentials.read(address.credentials)
    return boto3.Session(
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token,
        region_name=address.region,
    )


def _add_md5(request: Any, **_: Any) -> None:
    """Add the checksum without which older stores refuse to delete many objects."""
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    request.headers["Content-MD5"] = b64encode(digest).decode()


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Turn errors of the clients into those of files, in words for people.

    Raises
    ------
    FileNotFoundError
        There is no such object.
    StoreDenied
        The credentials do not allow it.
    OSError
        Anything else that keeps the store from answering.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise _meaning(str(error), key, is_missing=True) from None
    except (BaseError, OSError) as error:
        raise _meaning(str(error), key) from None
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("botocore", "boto3", "urllib3"):
            raise
        answer = getattr(error, "response", {})
        code = str(answer.get("Error", {}).get("Code", ""))
        region = (
            answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region")
        )
        text = f"{code} {error}" + (f" <Region>{region}</Region>" if region else "")
        raise _meaning(text, key, is_missing=code in ("404", "NoSuchKey")) from None


def _meaning(text: str, key: str, *, is_missing: bool = False) -> OSError:
    if "<Code>NoSuchBucket<" in text or text.startswith("NoSuchBucket"):
        return OSError(errno.ENXIO, "the bucket of the store does not exist", key)
    if is_missing:  # before the rest: the text holds the key, which may read like any of it
        return FileNotFoundError(errno.ENOENT, "no such object", key)
    if "RequestTimeTooSkewed" in text:
        return OSError(errno.EIO, "the clocks of this computer and of the store differ", key)
    if "PermanentRedirect" in text or "AuthorizationHeaderMalformed" in text or "301 Moved" in text:
        _, _, rest = text.partition("<Region>")
        region = rest.partition("</Region>")[0]
        where = f"in region {region}" if region else "in another region"
        return OSError(errno.ENXIO, f"the bucket is {where}; set EODH_STORE_REGION", key)
    for code in _DENIED:
        if code in text:
            reason = code if code != "Forbidden" else _line(text)
            return StoreDenied(errno.EACCES, f"the store refuses the credentials ({reason})", key)
    if "InvalidRange" in text or "416 R" in text:
        return PastEnd(errno.EINVAL, "the object ends before the range", key)
    if "KeyTooLong" in text or "file name too long" in text:
        return OSError(errno.ENAMETOOLONG, "the name is too long for S3", key)
    return OSError(errno.EIO, f"the store did not do it: {_line(text)}", key)


def _line(text: str) -> str:
    """Give the reason alone, where the store gave one."""
    if found := re.search(r"<Code>(.*?)</Code>(?:<Message>(.*?)</Message>)?", text):
        return ": ".join(part for part in found.groups() if part)
    line = text.strip().splitlines()[0] if text.strip() else "no reason given"
    return line if len(line) < MAX_LINE else f"{line[:200]} ... {line[-100:]}"
