"""Child processes of `serve`: the worker and, for demos, the simulated network. Restarted when they die, and
never left behind: the kernel ends them with their parent."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Mapping

import structlog

log = structlog.get_logger("serve")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent(parent: int) -> None:
    """Runs in the child before exec: end it when the parent ends, also by kill -9."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the line above


async def keep_running(arguments: list[str], environment: Mapping[str, str], stop: asyncio.Event) -> None:
    """Run `abonent ARGUMENTS` until `stop`; start it again when it ends by itself, at most about once a second.

    Must be called in the main thread: the death signal follows the thread that forked.
    """
    parent = os.getpid()
    while not stop.is_set():
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "abonent",
            *arguments,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            preexec_fn=lambda: _die_with_parent(parent),
        )
        ended, stopped = asyncio.create_task(child.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stop.is_set():
            await _end(child)
            ended.cancel()
            return
        log.warning("child process ended, starting it again", child=arguments[0], code=child.returncode)
        await asyncio.sleep(1)


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), timeout=10)
    except TimeoutError:
        child.kill()
        await child.wait()
