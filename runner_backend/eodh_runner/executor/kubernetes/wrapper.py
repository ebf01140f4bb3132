"""The script that runs the command in `main`, by a busybox that stage-in brings along.

It writes `log`, `exit.txt` (the shell's code, last), `time.txt` (of the command) and
`peak.txt` (most resident memory, in bytes), then waits for `done`: the sidecar has
collected. No shell of the image is used, nor any other of its programs.
"""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import dataclass

from ...domain.step import StepRun
from .place import CONTROL

BUSYBOX = f"{CONTROL}/busybox"
SCRIPT = f"{CONTROL}/run.sh"
#: Variables that Kubernetes gives to every container, and podman does not.
_KUBERNETES = (
    "KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR "
    "KUBERNETES_PORT_443_TCP_PORT KUBERNETES_PORT_443_TCP_PROTO KUBERNETES_SERVICE_HOST "
    "KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS"
)
_SCRIPT = """\
b={busybox} c={control}
umask 022
unset {unset}
trap 'kill -9 -1; exit 143' TERM INT
peak() {{
  m=0
  while :; do
    if [ -r /sys/fs/cgroup/memory/memory.stat ]; then f=/sys/fs/cgroup/memory/memory.stat
    else f=/sys/fs/cgroup/memory.stat; fi
    while read -r k v; do
      case $k in total_rss|anon) if [ "$v" -gt $m ]; then m=$v; echo $m > $c/peak.txt; fi ;; esac
    done < $f
    $b usleep 250000
  done
}}
peak 2>/dev/null &
mkdir() {{ $b mkdir "$@"; }}
run() {{
  cd {workdir} || exit 126
  {streams}{feed}$b time -o $c/time.txt -f '%e %U %S %M' {limit}$b env {env}{argv}{redirect}
}}
(run) </dev/null >>$c/log 2>>$c/log &
wait $!
code=$?
kill -9 -1
echo $code > $c/exit.part
$b mv $c/exit.part $c/exit.txt
until [ -e $c/done ]; do $b usleep 20000; done
exit $code
"""


@dataclass(frozen=True)
class Streams:
    """Where the streams of the command go, paths as the tool sees them."""

    stdin: str | None = None
    #: Relative to the work folder.
    stdout: str | None = None
    stderr: str | None = None


def make_script(step_run: StepRun, streams: Streams, entrypoint: tuple[str, ...] = ()) -> str:
    """Give the script for one step run.

    Parameters
    ----------
    entrypoint
        ENTRYPOINT of the image, which stays in force as `podman run` leaves it.
    """
    argv = [*entrypoint, *step_run.argv]
    limit = step_run.timelimit_s
    return _SCRIPT.format(
        busybox=BUSYBOX,
        control=CONTROL,
        unset=_KUBERNETES,
        workdir=shlex.quote(step_run.workdir),
        streams=_folders(streams),
        feed=f"$b cat {shlex.quote(streams.stdin)} | " if streams.stdin else "",
        limit=f"$b timeout -s KILL {max(1, round(limit))} " if limit else "",
        env="".join(f"{shlex.quote(f'{name}={value}')} " for name, value in step_run.env.items()),
        argv=" ".join(shlex.quote(word) for word in argv),
        redirect=_redirect(streams),
    )


def _folders(streams: Streams) -> str:
    parents = {posixpath.dirname(name) for name in (streams.stdout, streams.stderr) if name}
    return "".join(f"mkdir -p {shlex.quote(name)}; " for name in sorted(parents) if name)


def _redirect(streams: Streams) -> str:
    text = f" >{shlex.quote('./' + streams.stdout)}" if streams.stdout else ""
    if streams.stderr and streams.stderr == streams.stdout:
        return f"{text} 2>&1"
    return text + (f" 2>{shlex.quote('./' + streams.stderr)}" if streams.stderr else "")
