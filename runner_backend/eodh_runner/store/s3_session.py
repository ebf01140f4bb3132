"""Credentials for one job: no more than it needs, and for no longer, where the store can."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from .s3_address import Credentials, S3Address
from .s3_client import make_session, translated

SESSION_S = 3600


@dataclass(frozen=True)
class Lent:
    """Credentials, and until when they are good (monotonic seconds; None: as long as ours)."""

    credentials: Credentials
    renew_at: float | None = None


def lend(address: S3Address, folder: str, name: str) -> Lent:
    """Give credentials for what is below one folder of the store.

    Where `EODH_STORE_ROLE` names a role, a session of it whose policy holds that folder
    alone; else the runner's own, since plain stores know nothing narrower.

    Raises
    ------
    OSError
        When the store's token service refuses or does not answer.
    """
    if address.role is None:
        return Lent(_own(address))
    with translated(folder):
        client = make_session(address).client("sts", endpoint_url=address.sts_endpoint)
        answer = client.assume_role(
            RoleArn=address.role,
            RoleSessionName=name[:64],
            Policy=json.dumps(session_policy(address, folder)),
            DurationSeconds=SESSION_S,
        )["Credentials"]
    keys = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("SessionToken"))
    return Lent(keys, time.monotonic() + SESSION_S / 2)


def session_policy(address: S3Address, folder: str) -> dict[str, Any]:
    """Give the policy of a session that may use one folder of the store alone."""
    base = f"{address.prefix}/{folder}" if address.prefix else folder
    bucket = f"arn:aws:s3:::{address.bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject",
                    "s3:PutObject",
                    "s3:AbortMultipartUpload",
                    "s3:ListMultipartUploadParts",
                ],
                "Resource": f"{bucket}/{base}/*",
            },
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": bucket,
                "Condition": {"StringLike": {"s3:prefix": [f"{base}/*"]}},
            },
        ],
    }


def _own(address: S3Address) -> Credentials:
    if address.credentials is not None:
        return Credentials.read(address.credentials)
    keys = make_session(address).get_credentials().get_frozen_credentials()
    return Credentials(keys.access_key, keys.secret_key, keys.token)
