"""Run a command on a machine without a network: only loopback is left.

Python's sockets are watched by pytest-socket, but gRPC, Chromium and child processes
are not. As root on Linux this gives the whole command a network of its own; where
that is not possible the command runs as it is.
Usage: loopback.py COMMAND [ARGUMENT...]
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000  # <linux/sched.h>
SIOCSIFFLAGS = 0x8914  # <linux/sockios.h>
IFF_UP = 0x1  # <linux/if.h>


def leave_network() -> bool:
    """Move this process into a network with nothing but loopback; False if refused."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", IFF_UP)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
    return True


if __name__ == "__main__":
    os.environ["TEST_NETWORK"] = "none" if leave_network() else "open"
    os.execvp(sys.argv[1], sys.argv[1:])
