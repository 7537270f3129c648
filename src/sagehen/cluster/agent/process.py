"""The process around an agent."""

from __future__ import annotations

from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.executors.sandbox.executor import SandboxExecutor

# The doors of networks on nodes are all named by their specs: the executor here opens none by itself.
_NO_PORT = 0


def make_executor(folder: Path, *, clock: Clock) -> SandboxExecutor:
    """Return what starts sandboxes on this node.

    Args:
        folder: The executor's own. What lies beside it is hidden from sandboxes.
    """
    return SandboxExecutor(folder, clock=clock, platform_port=_NO_PORT, hides=folder.parent)
