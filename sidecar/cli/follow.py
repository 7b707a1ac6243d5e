"""Become another program that ends when its parent does, even by ``kill -9``.

    python follow.py PARENT_PID COMMAND...

The kernel sends SIGTERM to a process whose parent has died if the process asked for
it, and the wish outlives ``exec``. Asking here, in a program of its own, keeps Python
code from running between fork and exec, where it may deadlock.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0):
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    # The parent may have died before the wish was made.
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main()
