"""A network of its own for the browser tests: loopback, and nothing else.

Chromium gives up its requests whenever an interface of the machine comes or goes
(ERR_NETWORK_CHANGED), as the pods of a test cluster make them; and from here nothing
can reach another host.
"""

import ctypes
import fcntl
import socket
import struct
from contextlib import contextmanager
from pathlib import Path

NAMESPACE = Path("/proc/thread-self/ns/net")
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1


@contextmanager
def outside_the_network():
    """Move this thread, and what it starts, into a new network; where it may not, it stays."""
    if not NAMESPACE.exists():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    with NAMESPACE.open() as home:
        if libc.unshare(CLONE_NEWNET):
            yield
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
        yield
        libc.setns(home.fileno(), CLONE_NEWNET)
