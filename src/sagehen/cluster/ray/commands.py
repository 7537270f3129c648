"""How Ray's processes are started on a machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

# A label of each node of ours: by it a placement group says where it may be.
LABEL = "sagehen-node"
# Nothing goes through Ray's object store; this is about the least that it takes.
_STORE_BYTES = 80 * 2**20
_MIB = 2**20
# The end of a node is noticed within some 3 s; Ray's own settings take 15 s (measured: docs/architecture).
_HEALTH = {
    "RAY_health_check_initial_delay_ms": "3000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "3",
}


def environment(token: str, certificates: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of all of Ray's processes, drivers included.

    Args:
        token: Without it nobody speaks to this cluster; 32 characters or more.
        certificates: As `RayKey.write` returns them: nobody else is spoken to, and all is encrypted.
    """
    others = {name: value for name, value in inherited.items() if not name.startswith("RAY_")}
    return {
        **others,
        **_HEALTH,
        **certificates,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": token,
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def head(
    address: str, port: int, node: str, cpus: int, memory_mib: int, gpus: int, folder: Path
) -> list[str]:
    """Return the command that starts a head.

    Args:
        address: Of the interface by which nodes reach it.
        node: The name of this machine in the cluster.
        folder: Of its logs and sockets; short, since Unix sockets' names have 107 characters.
    """
    return [
        *_ray(), "--head", f"--port={port}", "--include-dashboard=false",
        *_common(address, node, cpus, memory_mib, gpus), f"--temp-dir={folder}",
    ]  # fmt: skip


def node(head_address: str, address: str, name: str, cpus: int, memory_mib: int, gpus: int) -> list[str]:
    """Return the command that makes a machine a node of `head_address`."""
    return [*_ray(), f"--address={head_address}", *_common(address, name, cpus, memory_mib, gpus)]


# They end with the process that started them, also where that is killed: PR_SET_PDEATHSIG of <sys/prctl.h>.
_END_WITH_PARENT = (
    "import ctypes, os, signal, sys; ctypes.CDLL(None).prctl(1, signal.SIGTERM); "
    "os.execv(sys.executable, [sys.executable, '-m', 'ray.scripts.scripts', *sys.argv[1:]])"
)


def _ray() -> list[str]:
    return [sys.executable, "-c", _END_WITH_PARENT, "start", "--block", "--disable-usage-stats"]


def _common(address: str, node: str, cpus: int, memory_mib: int, gpus: int) -> list[str]:
    return [
        f"--node-ip-address={address}",
        f"--num-cpus={cpus}",
        f"--num-gpus={gpus}",
        f"--memory={memory_mib * _MIB}",
        f"--object-store-memory={_STORE_BYTES}",
        f"--labels={LABEL}={node}",
        # Older than labels, and told by `ray status`.
        f"--resources={json.dumps({f'sagehen:{node}': 1})}",
    ]
