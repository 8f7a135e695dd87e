"""Become a command that runs under a given account and ends with its starter.

Used as a script: `python -I -S launch.py STARTER_PID UID GID DEATH_SIGNAL COMMAND [ARGUMENT...]`.
A script, not `preexec_fn`: the starter may be a server full of threads, where running Python
between fork and exec can deadlock.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    starter, uid, gid, death_signal = (int(argument) for argument in sys.argv[1:5])
    command = sys.argv[5:]
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After setuid, because the kernel forgets the death signal when credentials change.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(death_signal), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != starter:
        sys.exit("the starting process is gone")  # it died before prctl: no signal will come
    # Ignored signals survive exec: Python ignores SIGPIPE, shells ignore SIGINT for background jobs.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execve(command[0], command, os.environ)


if __name__ == "__main__":
    main()
