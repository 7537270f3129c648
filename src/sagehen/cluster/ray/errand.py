"""What is sent to a node of somebody else's Ray, and runs there in one of its workers: it starts our agent.

It goes by value: nothing of Sagehen's need be there, and where it is not, that is what is answered. So it has
the standard library alone, and imports it within.
"""

from __future__ import annotations

from typing import Any


def begin(order: dict[str, Any], timeout_s: float) -> str:
    """Start an agent there that outlives this worker and its raylet.

    Args:
        order: What `agent.guest` reads; `is`: the `kinship` that is wanted.
        timeout_s: For how long it may take to be linked.

    Returns:
        Why there is none; empty where there is one.
    """
    import json
    import os
    import subprocess
    import sys

    try:
        from sagehen.cluster.kinship import kinship
    except ImportError:
        return f"Sagehen is not installed for {sys.executable}: pip install 'sagehen[cluster]' there"
    if (here := kinship()) != order["is"]:
        return f"the platform is {order['is']}, and this node {here}"
    # Of Ray's worker: its own settings, and what it says of the devices and threads of this task alone.
    of_worker = ("RAY_", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "PYTHONBREAKPOINT")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(of_worker)}
    process = subprocess.Popen(
        [sys.executable, "-m", "sagehen.cluster.agent.guest"],
        stdin=subprocess.PIPE,  # the token is on no command line
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=environment,
    )
    try:
        told, _ = process.communicate(json.dumps(order).encode(), timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return f"its agent was not linked within {timeout_s:g} s"
    lines = told.decode(errors="replace").split("\n")
    return "" if "linked" in lines else "\n".join(lines).strip()[-1000:] or "its agent ended without a word"
