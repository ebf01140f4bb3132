"""The use cases; the only writer of job status."""

from .caller import Caller
from .service import Service

__all__ = ["Caller", "Service"]
