"""What the operator chooses for pods, read from the environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class PodSettings:
    """Settings of the pods; each field is a variable `EODH_POD_...` of the same name."""

    #: Image of the runner: it stages in and collects.
    image: str
    #: Image of tools that name none; None refuses them.
    default_image: str | None = None
    #: Where pods run; None is the namespace of the context, or the runner's own.
    namespace: str | None = None
    service_account: str | None = None
    #: Names of secrets, by commas.
    pull_secrets: tuple[str, ...] = ()
    #: `name=value`, by commas.
    node_selector: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    #: JSON, as in a pod.
    tolerations: tuple[Mapping[str, Any], ...] = ()
    priority_class: str | None = None
    #: Queue of Kueue.
    queue: str | None = None
    #: User and group of every container; never root.
    user: int = 1000
    #: Memory limit of a step that gives no ramMax, unless it asks for more.
    ram_limit_mib: int = 4096
    #: Most that one step may write.
    disk_limit_mib: int = 50 << 10
    #: Class of ephemeral volumes, for steps that ask for at least so much scratch.
    scratch_class: str | None = None
    scratch_from_mib: int = 20 << 10
    #: Endpoint of S3 as pods reach it, where it differs.
    store_endpoint: str | None = None
    #: Address by the host of image references, `host=url` by commas: registries that are
    #: private, speak plain http, or stand in for others.
    registries: Mapping[str, str] = field(default_factory=dict)
    #: A docker config.json with the logins of registries.
    registry_logins: str | None = None
    image_timeout_s: float = 300.0
    schedule_timeout_s: float = 600.0
    #: Longest life of a pod without ToolTimeLimit.
    deadline_s: int = 86400
    log_limit_bytes: int = 100 << 20

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> PodSettings:
        """Read the settings.

        Raises
        ------
        ValueError
            Naming the variable and what it may be.
        """
        read = _Reader(environ)
        found: dict[str, Any] = {
            "image": read.text("IMAGE"),
            "default_image": read.text("DEFAULT_IMAGE"),
            "namespace": read.name("NAMESPACE"),
            "service_account": read.name("SERVICE_ACCOUNT"),
            "priority_class": read.name("PRIORITY_CLASS"),
            "queue": read.name("QUEUE"),
            "scratch_class": read.name("SCRATCH_CLASS"),
            "store_endpoint": read.text("STORE_ENDPOINT"),
            "pull_secrets": tuple(read.words("PULL_SECRETS")) or None,
            "node_selector": read.pairs("NODE_SELECTOR"),
            "labels": read.pairs("LABELS"),
            "annotations": read.pairs("ANNOTATIONS"),
            "registries": read.pairs("REGISTRIES"),
            "registry_logins": read.text("REGISTRY_LOGINS"),
            "tolerations": read.objects("TOLERATIONS"),
            "user": read.number("USER", least=1),
            "ram_limit_mib": read.number("RAM_LIMIT_MIB", least=16),
            "disk_limit_mib": read.number("DISK_LIMIT_MIB", least=1),
            "scratch_from_mib": read.number("SCRATCH_FROM_MIB", least=1),
            "image_timeout_s": read.number("IMAGE_TIMEOUT_S", least=1),
            "schedule_timeout_s": read.number("SCHEDULE_TIMEOUT_S", least=1),
            "deadline_s": read.number("DEADLINE_S", least=1),
            "log_limit_bytes": read.number("LOG_LIMIT_BYTES", least=1),
        }
        if found["image"] is None:
            raise ValueError(
                "EODH_POD_IMAGE is not set; name the image of the runner, which stages files "
                "in and out of pods"
            )
        return cls(**{name: value for name, value in found.items() if value is not None})


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str | None:
        return self._environ.get(f"EODH_POD_{name}", "").strip() or None

    def words(self, name: str) -> list[str]:
        return [word.strip() for word in (self.text(name) or "").split(",") if word.strip()]

    def name(self, name: str) -> str | None:
        text = self.text(name)
        if text is not None and not _NAME.fullmatch(text):
            raise ValueError(f"EODH_POD_{name} is '{text}'; it must be a name of Kubernetes")
        return text

    def pairs(self, name: str) -> dict[str, str] | None:
        found = {}
        for word in self.words(name):
            key, sign, value = word.partition("=")
            if not sign or not key:
                raise ValueError(f"EODH_POD_{name} holds '{word}'; write name=value, by commas")
            found[key] = value
        return found or None

    def objects(self, name: str) -> tuple[dict[str, Any], ...] | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise ValueError(f"EODH_POD_{name} must be a JSON list of objects, as in a pod")
        return tuple(found)

    def number(self, name: str, least: int) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise ValueError(f"EODH_POD_{name} is '{text}'; it must be a number from {least}")
        return int(text)
