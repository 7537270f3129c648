"""why_waiting(...): what a job that waits for room is told about the nodes. No effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.cluster.nodes.record import NodeRecord

_MIB = 2**20
_NAMED = 5


def why_waiting(
    bundles: Sequence[Mapping[str, float]], nodes: Sequence[NodeRecord], *, on: Sequence[str] | None = None
) -> str:
    """Return a sentence on what is wanted, and of each node why it does not take it.

    Worked example: "2 instances that reserve 1 processors and 384 MiB each; platform is drained, node-1 is
    full".

    Args:
        bundles: As they are reserved, one for each instance.
        on: The only nodes that will do.
    """
    largest = max(bundles, key=lambda bundle: (bundle.get("GPU", 0.0), bundle["CPU"], bundle["memory"]))
    count = len(bundles)
    wanted = f"{largest['CPU']:g} processors and {largest['memory'] / _MIB:.0f} MiB"
    if gpus := largest.get("GPU"):
        wanted += f" and {gpus:g} GPUs"
    said = f"{count} instances that reserve {wanted} each" if count > 1 else f"an instance reserves {wanted}"
    asked = [node for node in nodes if on is None or node.name in on]
    told = [f"{node.name} {_why(node, largest)}" for node in asked if not node.has_left]
    if len(told) > _NAMED:
        told = [*told[:_NAMED], f"{len(told) - _NAMED} more take nothing either"]
    return f"{said}; {', '.join(told) or 'there is no node'}"


def _why(node: NodeRecord, bundle: Mapping[str, float]) -> str:
    if node.seen is not None:
        return "cannot be reached"
    if node.is_draining:
        return "is drained"
    if not node.is_counted:
        return "is starting"
    if (
        node.cpus < bundle["CPU"]
        or node.memory_mib < bundle["memory"] / _MIB
        or node.gpus < bundle.get("GPU", 0.0)
    ):
        return "is too small"
    return "is full"
