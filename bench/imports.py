"""What our packages cost the programs that load them."""

import subprocess
import sys
from collections.abc import Iterator

from .measure import Measure, repeat

JUPYTER = "import jupyter_server.serverapp, jupyter_server.base.websocket"
IPYTHON = "from IPython.core.interactiveshell import InteractiveShell as S; shell = S.instance()"
LOAD_EXT = "shell.run_line_magic('load_ext', 'eodh_jupyter')"
APP = "import eodh_jupyter_server.app"


def measures() -> Iterator[Measure]:
    for name, target, statement, host in (
        ("load_ext, CPU", 0.15, LOAD_EXT, IPYTHON),
        ("server extension import, CPU", 0.06, APP, JUPYTER),
    ):
        yield Measure(name, target, repeat(5, lambda s=statement, h=host: cpu_of(s, h)))


def cpu_of(statement: str, host: str) -> float:
    """Give the CPU seconds of a statement in a fresh Python that holds its host already."""
    code = f"import time; {host}; t = time.process_time(); {statement}; "
    argv = [sys.executable, "-c", code + "print(time.process_time() - t)"]
    return float(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
