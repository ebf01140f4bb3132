"""Where objects live in S3, and with whose credentials; read from the environment."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

ADDRESSING = ("auto", "path", "virtual")
#: Bucket names of S3, without the rarer rules.
#: What a listing, which is XML, cannot carry; escaped in the names of objects.
_REFUSED = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_ESCAPES = "(?:[01][0-9A-F]|7F|EF%BF%B[EF])"
_LITERAL = re.compile(f"%(?=(?:25)*{_ESCAPES})")
_ESCAPED = re.compile(f"%((?:25)*){_ESCAPES}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def escape(key: str) -> str:
    """Give the name of an object: the key itself, but for characters that XML refuses.

    Examples
    --------
    >>> escape("100%" + chr(9)), unescape(escape("%09 %2509"))
    ('100%%09', '%09 %2509')
    """
    return _REFUSED.sub(lambda match: quote(match[0]), _LITERAL.sub("%25", key))


def unescape(name: str) -> str:
    """Give the key of the name of an object."""
    return _ESCAPED.sub(lambda m: m[0].replace("25", "", 1) if m[1] else unquote(m[0]), name)


@dataclass(frozen=True)
class Credentials:
    """Keys of one moment; never shown."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return "Credentials(...)"

    @classmethod
    def read(cls, path: Path) -> Credentials:
        """Read a file in the form of AWS's shared credentials, profile `default`.

        Raises
        ------
        ValueError
            Naming the file, when it does not hold them.
        """
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
            section = parser["default"]
            return cls(
                section["aws_access_key_id"],
                section["aws_secret_access_key"],
                section.get("aws_session_token") or None,
            )
        except (OSError, KeyError, configparser.Error):
            raise ValueError(
                f"{path} holds no S3 credentials; it needs a section [default] with "
                "aws_access_key_id and aws_secret_access_key"
            ) from None

    def to_text(self) -> str:
        """Give the text of such a file."""
        lines = [
            "[default]",
            f"aws_access_key_id = {self.access_key_id}",
            f"aws_secret_access_key = {self.secret_access_key}",
        ]
        if self.session_token:
            lines.append(f"aws_session_token = {self.session_token}")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class S3Address:
    """A bucket, and how it is reached; each field is a variable of the environment.

    Examples
    --------
    >>> S3Address.from_environment({"EODH_STORE_URL": "s3://bucket/a/b/"}).prefix
    'a/b'
    """

    #: `EODH_STORE_URL=s3://<bucket>/<prefix>`.
    bucket: str
    prefix: str = ""
    #: `EODH_STORE_ENDPOINT`, else `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`; None is AWS.
    endpoint: str | None = None
    #: `EODH_STORE_REGION`, else `AWS_REGION`, `AWS_DEFAULT_REGION`.
    region: str = "us-east-1"
    #: `EODH_STORE_ADDRESSING`: path, virtual; auto is path where an endpoint is given.
    addressing: str = "auto"
    #: `EODH_STORE_CREDENTIALS`: a file that is read again when it changes; None leaves it
    #: to the rules of the AWS clients (variables, shared files, roles).
    credentials: Path | None = None
    #: `EODH_STORE_ROLE`: a role whose sessions pods get, narrowed to their job's folder; its
    #: token service is AWS's or `EODH_STORE_STS_ENDPOINT`.
    role: str | None = None
    sts_endpoint: str | None = None

    @property
    def is_path_style(self) -> bool:
        """Tell whether the bucket stands in the path of addresses."""
        return self.addressing == "path" or (self.addressing == "auto" and bool(self.endpoint))

    @property
    def url(self) -> str:
        """The address in one word."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> S3Address | None:
        """Read the address; None when no S3 store is asked for.

        Raises
        ------
        ValueError
            Naming the variable and what it may be.
        """
        url = environ.get("EODH_STORE_URL", "")
        if not url:
            return None
        parts = urlsplit(url)
        prefix = parts.path.strip("/")
        is_plain = not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme != "s3" or not is_plain or not _BUCKET.fullmatch(parts.netloc):
            raise ValueError(f"EODH_STORE_URL is '{url}'; it must be s3://<bucket>/<prefix>")
        if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
            raise ValueError(f"EODH_STORE_URL is '{url}'; its prefix has an empty or dotted part")
        addressing = environ.get("EODH_STORE_ADDRESSING") or "auto"
        if addressing not in ADDRESSING:
            raise ValueError(
                f"EODH_STORE_ADDRESSING is '{addressing}'; use one of {', '.join(ADDRESSING)}"
            )
        credentials = environ.get("EODH_STORE_CREDENTIALS")
        return cls(
            bucket=parts.netloc,
            prefix=prefix,
            endpoint=_endpoint(environ),
            region=_first(environ, "EODH_STORE_REGION", "AWS_REGION", "AWS_DEFAULT_REGION")
            or "us-east-1",
            addressing=addressing,
            credentials=Path(credentials) if credentials else None,
            role=environ.get("EODH_STORE_ROLE") or None,
            sts_endpoint=environ.get("EODH_STORE_STS_ENDPOINT") or None,
        )

    def to_environment(self, credentials: Path) -> dict[str, str]:
        """Give the variables by which another program reaches the same store."""
        found = {
            "EODH_STORE_URL": self.url,
            "EODH_STORE_REGION": self.region,
            "EODH_STORE_ADDRESSING": self.addressing,
            "EODH_STORE_CREDENTIALS": str(credentials),
        }
        return found | ({"EODH_STORE_ENDPOINT": self.endpoint} if self.endpoint else {})

    def with_endpoint(self, endpoint: str | None) -> S3Address:
        """Give the same store as seen from another network."""
        return replace(self, endpoint=endpoint or self.endpoint)


def _endpoint(environ: Mapping[str, str]) -> str | None:
    names = ("EODH_STORE_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    for name in names:
        if text := environ.get(name):
            parts = urlsplit(text)
            if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
                raise ValueError(f"{name} is '{text}'; it must be an http(s) address")
            return text.rstrip("/")
    return None


def _first(environ: Mapping[str, str], *names: str) -> str | None:
    return next((value for name in names if (value := environ.get(name))), None)
