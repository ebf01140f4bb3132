"""Deploy, launch, watch and browse CWL workflows from a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client
    from .errors import (
        Detached,
        EodhError,
        Failure,
        InputError,
        JobFailed,
        MissingExtra,
        Problem,
        RunnerError,
        RunnerNotStarted,
        RunnerUnreachable,
        UnknownInput,
    )
    from .job import Job
    from .process import Process
    from .result import Result, Results

__version__ = "0.1.0"
__all__ = [
    "Client",
    "Detached",
    "EodhError",
    "Failure",
    "InputError",
    "Job",
    "JobFailed",
    "MissingExtra",
    "Problem",
    "Process",
    "Result",
    "Results",
    "RunnerError",
    "RunnerNotStarted",
    "RunnerUnreachable",
    "UnknownInput",
    "load_ipython_extension",
]

_HOME = {
    "Client": "client",
    "Process": "process",
    "Job": "job",
    "Result": "result",
    "Results": "result",
    "Detached": "errors",
    "EodhError": "errors",
    "Failure": "errors",
    "InputError": "errors",
    "JobFailed": "errors",
    "MissingExtra": "errors",
    "Problem": "errors",
    "RunnerError": "errors",
    "RunnerNotStarted": "errors",
    "RunnerUnreachable": "errors",
    "UnknownInput": "errors",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that loading the magics stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'eodh_jupyter' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    """Complete the names that are imported when asked for."""
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Register `%workflow` and `%%workflow` (`%load_ext eodh_jupyter`)."""
    from .magics import register

    register(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@eodh/jupyterlab-workflows"}]
