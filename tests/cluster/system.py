"""What the cluster changes on this computer, and how all of it goes away again."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from .place import BRIDGE, CONTAINERD, HOST, KEPT, NETWORK, STATE

#: Settings of the kernel that kubelet, kube-proxy and the bridge plugin change.
SYSCTLS = (
    "kernel/keys/root_maxbytes",
    "kernel/keys/root_maxkeys",
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/ip_forward",
    "net/ipv4/vs/conntrack",
    "net/netfilter/nf_conntrack_tcp_timeout_close_wait",
    "net/netfilter/nf_conntrack_tcp_timeout_established",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
#: Rules whose chains have these names are those of Kubernetes and of CNI.
_RULE = re.compile(r"KUBE-|CNI-|eodhcni0")
_SAVED = KEPT / "sysctl.json"


def add_bridge() -> None:
    """Make the bridge: the node's address must be there before the node."""
    if not Path(f"/sys/class/net/{BRIDGE}").exists():
        _run("ip", "link", "add", BRIDGE, "type", "bridge")
        _run("ip", "addr", "add", f"{HOST}/24", "dev", BRIDGE)
    _run("ip", "link", "set", BRIDGE, "up")


def remember() -> None:
    """Note the kernel's settings, unless a cluster that died noted them already."""
    if not _SAVED.exists():
        found = {name: _sysctl(name).read_text() for name in SYSCTLS if _sysctl(name).exists()}
        _SAVED.parent.mkdir(parents=True, exist_ok=True)
        _SAVED.write_text(json.dumps(found))


def clean() -> None:
    """Take back everything that a cluster, also one that died, did to this computer."""
    _end_processes()
    _unmount()
    _remove_rules()
    if Path(f"/sys/class/net/{BRIDGE}").exists():
        _run("ip", "link", "delete", BRIDGE)
    _remove_cgroups()
    _remove_traces()
    if _SAVED.exists():
        for name, value in json.loads(_SAVED.read_text()).items():
            if _sysctl(name).read_text() != value:
                _sysctl(name).write_text(value)
        _SAVED.unlink()


def _remove_traces() -> None:
    """Remove what kubelet and CNI write to places that cannot be chosen."""
    for path in Path("/var/lib/cni/results").glob(f"{NETWORK}-*"):
        path.unlink()
    for path in Path("/var/log/containers").glob("*.log"):
        if path.is_symlink() and os.readlink(path).startswith(f"{STATE}/"):
            path.unlink()
    shutil.rmtree("/var/lib/kubelet/device-plugins", ignore_errors=True)
    for folder in (
        *("/var/log/containers", "/var/lib/cni/results", "/var/lib/cni"),
        "/var/lib/kubelet",
    ):
        with suppress(OSError):
            os.rmdir(folder)


def ours() -> list[int]:
    """Give every process that names the cluster's own folders."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = path.read_bytes()
            if any(f"{place}/".encode() in command for place in (STATE, KEPT)):
                found.append(int(path.parent.name))
    return [pid for pid in found if pid not in _ancestors()]


def _ancestors() -> set[int]:
    """Give this process and those it was started by: they may name the folders too."""
    found, pid = set(), os.getpid()
    while pid > 1:
        found.add(pid)
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return found


def _end_processes() -> None:
    """Kill the node's parts first, then the containers, then containerd and its shims."""
    for _ in range(200):
        living = [pid for pid in ours() if not _is_zombie(pid)]
        inside = [pid for shim in living if _is_shim(shim) for pid in _below(shim)]
        for pid in (*living, *inside):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not living:
            return
        time.sleep(0.05)
    raise RuntimeError(f"processes of the cluster do not end: {living}")


def _is_shim(pid: int) -> bool:
    with suppress(OSError):
        return b"containerd-shim" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _is_zombie(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def _below(pid: int) -> list[int]:
    """Give the children of a process and theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *_below(child)]
    return found


def _unmount() -> None:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split()[1].replace("\\040", " ") for line in lines]
    mine = (f"{STATE}/", f"{KEPT}/", "/run/netns/cni-", "/var/run/netns/cni-")
    for point in reversed(points):
        if point.startswith(mine):
            _run("umount", "-l", point)
    for folder in ("/run/netns", "/var/run/netns"):
        for path in Path(folder).glob("cni-*"):
            path.unlink(missing_ok=True)


def _remove_rules() -> None:
    for family in ("iptables", "ip6tables"):
        saved = subprocess.run([f"{family}-save"], capture_output=True, text=True)
        if saved.returncode == 0 and _RULE.search(saved.stdout):
            kept = [line for line in saved.stdout.splitlines() if not _RULE.search(line)]
            subprocess.run(
                [f"{family}-restore"], input="\n".join(kept) + "\n", text=True, check=True
            )


def _remove_cgroups() -> None:
    for root in {*Path("/sys/fs/cgroup").glob("*/kubepods"), Path("/sys/fs/cgroup/kubepods")}:
        for folder, _, _ in os.walk(root, topdown=False):
            with suppress(OSError):
                os.rmdir(folder)
    # What the container daemon made when it was asked for nothing else.
    for root in Path("/sys/fs/cgroup").glob("*/system.slice/kube*"):
        with suppress(OSError):
            root.rmdir()


def remove_containers() -> None:
    """Remove the containers that an earlier life left in containerd's books."""
    ctr = ["ctr", "-a", str(CONTAINERD), "-n", "k8s.io"]
    for name in subprocess.run(
        [*ctr, "containers", "ls", "-q"], capture_output=True, text=True
    ).stdout.split():
        subprocess.run([*ctr, "containers", "rm", name], capture_output=True)
    for name in subprocess.run(
        [*ctr, "snapshots", "ls"], capture_output=True, text=True
    ).stdout.splitlines()[1:]:
        if name.split()[-1] == "Active":
            subprocess.run([*ctr, "snapshots", "rm", name.split()[0]], capture_output=True)


def _sysctl(name: str) -> Path:
    return Path("/proc/sys") / name


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)
