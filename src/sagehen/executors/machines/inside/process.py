"""What a forked child does to be a process of its own, and the files that are written before."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import signal
import termios
from pathlib import Path
from typing import NoReturn

_OOM_SCORE = "500"


def become(
    words: list[str],
    environment: dict[str, str],
    directory: str,
    fds: tuple[int, int, int],
    *,
    shell: str = "",
    user: str = "",
    is_terminal: bool = False,
    only_there: bool = False,
    preloaded: bool = False,
) -> NoReturn:
    """Be the process, in a session of its own.

    Args:
        words: The command; none is a login shell.
        fds: What become its three streams.
        shell: Which one.
        user: Whose it is, where this process is root and may give that up; '' is whose this one is.
        is_terminal: Whether its streams are one, which becomes its own.
        only_there: Whether it fails where there is no such directory; else it begins at /.
        preloaded: It is a Python program, run by this very interpreter with what that has imported.
    """
    name = words[0] if words else shell
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, signal.SIG_DFL)
        if is_terminal:
            fcntl.ioctl(fds[0], termios.TIOCSCTTY, 0)
        for place, fd in enumerate(fds):
            os.dup2(fd, place)
        os.closerange(3, 4096)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
        if user and os.getuid() == 0:
            _be(pwd.getpwnam(user))
        if preloaded:
            from sagehen.executors.warm.fresh_start import run_program

            run_program(words[1:], environment, directory)
        with contextlib.suppress(*(() if only_there else (OSError,))):
            os.chdir("/")
            os.chdir(directory)
        if words:
            os.execvpe(words[0], words, environment)  # noqa: S606 - there is no shell to be fooled
        # A login shell is one whose name begins so.
        os.execve(shell, [f"-{Path(shell).name}"], environment)  # noqa: S606
    except BaseException as error:
        os.write(2, f"{name}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(127)


def _be(user: pwd.struct_passwd) -> None:
    """Be a user; root is who is so already."""
    if user.pw_uid != 0:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)


def give(path: str | int, user: str) -> None:
    """Let something be a user's, where this process is root."""
    if user and os.getuid() == 0:
        try:
            entry = pwd.getpwnam(user)
        except KeyError:
            raise OSError(f"there is no user {user}") from None
        os.chown(path, entry.pw_uid, entry.pw_gid)


def write_file(path: str, content: bytes, mode: int, appends: bool, owner: str = "") -> None:
    """Write a file. What is there already may be a pipe that nobody reads: that is an error, no wait.

    Args:
        owner: Whose it becomes, with folders that had to be made; '' is nobody else's.
    """
    folder = os.path.dirname(path)  # noqa: PTH120
    if not os.path.isdir(folder):  # noqa: PTH112
        os.makedirs(folder, 0o755)  # noqa: PTH103
        give(folder, owner)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_APPEND if appends else os.O_TRUNC)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        give(file.fileno(), owner)
        file.write(content)
