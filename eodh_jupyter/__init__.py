"""Deploy, launch, watch and browse CWL workflows from a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client
    from .errors import EodhError, JobFailed
    from .job import Job
    from .process import Process

__version__ = "0.1.0"
__all__ = ["Client", "EodhError", "Job", "JobFailed", "Process", "load_ipython_extension"]

_HOME = {
    "Client": "client",
    "Process": "process",
    "Job": "job",
    "JobFailed": "errors",
    "EodhError": "errors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that loading the magics stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'eodh_jupyter' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def load_ipython_extension(shell: Any) -> None:
    """Register `%workflow` and `%%workflow` (`%load_ext eodh_jupyter`)."""
    from .magics import register

    register(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@eodh/jupyterlab-workflows"}]
