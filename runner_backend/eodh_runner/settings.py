"""What the person or operator may choose, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .executor.kubernetes.setting import PodSettings
from .store.s3_address import S3Address

CONTAINERS = ("auto", "podman", "docker", "host")
EXECUTORS = ("local", "kubernetes")
#: What a cluster may be asked for at once, where nothing is set: it has queues of its own.
UNBOUNDED_CORES, UNBOUNDED_RAM_MIB = 1e6, 1 << 30


@dataclass(frozen=True)
class Settings:
    """Settings of one runner; every field is an `EODH_...` variable of the same name."""

    #: Folder of the database, the store and the work folders (`EODH_DATA`).
    data: Path
    #: Name of the workspace that everything belongs to (`EODH_WORKSPACE`).
    workspace: str = "local"
    #: What runs container images: auto, podman, docker; or host, which runs the commands
    #: of a package on this computer without its image (`EODH_CONTAINERS`).
    containers: str = "auto"
    #: Environments mounted read-only for host commands, their `bin` first on PATH
    #: (`EODH_HOST_TOOLS`, separated by `:`).
    host_tools: tuple[Path, ...] = ()
    #: Cores and MiB of memory that all steps together may ask for.
    cores: float = 1.0
    ram_mib: int = 1024
    #: The runner ends after this time without jobs or requests; 0 keeps it.
    idle_timeout_s: float = 900.0
    #: Output of a step run that is kept, in bytes.
    log_limit_bytes: int = 100 << 20
    #: Largest file that a caller may bring as an input, in bytes.
    input_limit_bytes: int = 20 << 30
    #: How long such a file is kept that no job names and nobody asks for; 0 for ever.
    input_kept_s: float = 7 * 86400.0
    #: What a step run may write to its folder.
    disk_limit_mib: int = 50 << 10
    #: Processor time of one JavaScript expression of a document.
    expression_limit_s: float = 5.0
    #: Longest life of a job; None for no limit.
    job_deadline_s: float | None = None
    #: Allows documents and inputs from private addresses.
    allow_private_addresses: bool = False
    #: What runs step runs: local, kubernetes (`EODH_EXECUTOR`).
    executor: str = "local"
    #: Where the cluster is (`EODH_KUBECONFIG`, `EODH_KUBE_CONTEXT`); None is KUBECONFIG, or
    #: the cluster that the runner runs in.
    kubeconfig: str | None = None
    kube_context: str | None = None
    pods: PodSettings | None = None
    #: The bucket of the store (`EODH_STORE_URL` and its like); None is a folder of `data`.
    s3: S3Address | None = None
    #: Socket of an engine in a container of its own (`EODH_ENGINE_SOCKET`); None starts one.
    engine_socket: Path | None = None
    #: The Postgres database (`EODH_DATABASE_URL`), maybe with a password; None is SQLite in `data`.
    database_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], data: Path | None = None) -> Settings:
        """Read the settings.

        Raises
        ------
        ValueError
            Naming the variable and what it may be.
        """
        containers = environ.get("EODH_CONTAINERS", "auto")
        if containers not in CONTAINERS:
            raise ValueError(
                f"EODH_CONTAINERS is '{containers}'; use one of {', '.join(CONTAINERS)}"
            )
        tools = tuple(Path(p) for p in environ.get("EODH_HOST_TOOLS", "").split(":") if p)
        for folder in tools:
            if not folder.is_dir():
                raise ValueError(f"EODH_HOST_TOOLS names {folder}, which is not a folder")
        deadline = _number(environ, "EODH_JOB_DEADLINE_S", 0.0)
        executor = environ.get("EODH_EXECUTOR", "local")
        if executor not in EXECUTORS:
            raise ValueError(f"EODH_EXECUTOR is '{executor}'; use one of {', '.join(EXECUTORS)}")
        is_remote, s3 = executor != "local", S3Address.from_environment(environ)
        if is_remote and s3 is None:
            raise ValueError(
                "EODH_EXECUTOR=kubernetes needs a bucket that runner and pods share; set "
                "EODH_STORE_URL=s3://<bucket>/<prefix>"
            )
        cores = UNBOUNDED_CORES if is_remote else float(os.cpu_count() or 1)
        ram_mib = UNBOUNDED_RAM_MIB if is_remote else _machine_ram_mib() * 0.9
        return cls(
            data=(data or default_data(environ)).expanduser().resolve(),
            workspace=environ.get("EODH_WORKSPACE", "local"),
            containers=containers,
            host_tools=tools,
            cores=_number(environ, "EODH_CORES", cores),
            ram_mib=int(_number(environ, "EODH_RAM_MIB", ram_mib)),
            idle_timeout_s=_number(environ, "EODH_IDLE_TIMEOUT_S", 900.0),
            log_limit_bytes=int(_number(environ, "EODH_LOG_LIMIT_BYTES", 100 << 20)),
            input_limit_bytes=int(_number(environ, "EODH_INPUT_LIMIT_BYTES", 20 << 30)),
            input_kept_s=_number(environ, "EODH_INPUT_KEPT_S", 7 * 86400.0),
            disk_limit_mib=int(_number(environ, "EODH_DISK_LIMIT_MIB", 50 << 10)),
            expression_limit_s=_number(environ, "EODH_EXPRESSION_LIMIT_S", 5.0) or 5.0,
            job_deadline_s=deadline or None,
            allow_private_addresses=environ.get("EODH_ALLOW_PRIVATE_ADDRESSES", "") == "1",
            executor=executor,
            kubeconfig=environ.get("EODH_KUBECONFIG") or None,
            kube_context=environ.get("EODH_KUBE_CONTEXT") or None,
            pods=PodSettings.from_environment(environ) if is_remote else None,
            s3=s3,
            engine_socket=Path(socket) if (socket := environ.get("EODH_ENGINE_SOCKET")) else None,
            database_url=environ.get("EODH_DATABASE_URL") or None,
        )


def default_data(environ: Mapping[str, str]) -> Path:
    """Give the data folder when none is named."""
    if named := environ.get("EODH_DATA"):
        return Path(named)
    share = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(share) / "eodh-jupyter"


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name} is '{text}'; it must be a number that is not negative")
    return value


def _machine_ram_mib() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
