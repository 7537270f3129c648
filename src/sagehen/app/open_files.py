"""How many descriptors the platform may have, and how many of them its door may hand out."""

from __future__ import annotations

import contextlib
import resource

# For the database, objects being read and written, pipes and namespaces of sandboxes, log files.
_RESERVE = 512
_MOST_CONNECTIONS = 4096
_FEWEST_CONNECTIONS = 64
# Where the hard limit is "unlimited", macOS still takes no more than this (OPEN_MAX).
_OPEN_MAX = 10240


def raise_open_files() -> None:
    """Take all the descriptors that we may: every connection, sandbox pipe and object file is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (most, _OPEN_MAX):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            return


def connection_limit(open_files: int | None = None) -> int:
    """Return how many connections may be open at once so that descriptors are left for everything else.

    Args:
        open_files: RLIMIT_NOFILE; this process's own by default.
    """
    if open_files is None:
        open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if open_files == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    # Two for each: a tunnel has a far end, an invocation a socket to its instance.
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, (open_files - _RESERVE) // 2))
