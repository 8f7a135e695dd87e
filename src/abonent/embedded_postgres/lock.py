"""The lock whose holder owns the server; the kernel frees it when the holder dies."""

import contextlib
import fcntl
import os
import weakref
from pathlib import Path

_locks: "weakref.WeakSet[FolderLock]" = weakref.WeakSet()


class FolderLock:
    """flock on one file. Never inherited: not by exec (close-on-exec), not by fork (closed in the child)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        _locks.add(self)

    @property
    def held(self) -> bool:
        return self._file is not None

    def take(self) -> bool:
        """Take the lock if nobody holds it; at once, without waiting. True when it is ours."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The folder may have been replaced meanwhile: a lock on a deleted file guards nothing.
            if not os.path.samestat(os.fstat(file), os.stat(self._path)):
                raise BlockingIOError
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
        except BlockingIOError:
            os.close(file)
            return False
        except BaseException:
            os.close(file)
            raise
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def holder(self) -> str:
        """Process id of the last holder, for messages only."""
        with contextlib.suppress(OSError):
            return self._path.read_text() or "?"
        return "?"


def _forget_in_child() -> None:
    # A flock belongs to the open file: a forked child would keep it after the death of its parent.
    for lock in _locks:
        lock.release()


os.register_at_fork(after_in_child=_forget_in_child)
