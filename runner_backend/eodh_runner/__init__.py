"""The runner: executes CWL application packages behind OGC API Processes."""

__version__ = "0.1.0"

#: Range of the API that this runner speaks; front ends compare it with theirs.
API_VERSION = 1
