"""Orders: a SandboxSpec as it is sent to a node, and as the node reads it.

What lies on the platform's disk is named by a number there; the node has it at a place of its own. Of a door
the node knows the port alone: what comes to it goes back to the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sagehen
from sagehen.cluster.images import root_of, user_order_of
from sagehen.executors.base import (
    ExitStatus,
    ImageRoot,
    Interpreter,
    Limits,
    Mount,
    Network,
    OpenDoor,
    SandboxSpec,
    SandboxUnavailable,
    Usage,
)
from sagehen.executors.wire import Carry, Wire

_PACKAGE = Path(sagehen.__file__).parent
# As they are in the spec; everything else of it is written out below.
_PLAIN = (
    "working_directory", "hostname", "warm_parent", "gpus", "open_files", "only_tmp", "raw_output",
    "streams_apart", "user_name", "home", "own_variables_only",
)  # fmt: skip


def sent_mounts(spec: SandboxSpec, holds: Callable[[Path], bool] = lambda place: False) -> dict[int, Mount]:
    """Return, by number, the mounts whose content a node has not: Sagehen's own code it has.

    Args:
        holds: Whether it has got what a mount shows by itself.
    """
    return {
        number: mount
        for number, mount in enumerate(spec.mounts)
        if not (mount.of_machine or mount.source.is_relative_to(_PACKAGE) or holds(mount.source))
    }


def order_of(
    spec: SandboxSpec, doors: Iterable[int] = (), holds: Callable[[Path], bool] = lambda place: False
) -> dict[str, Any]:
    """Return a spec as JSON.

    Args:
        doors: Ports of all doors of its network, the platform's too.
        holds: Whether the node has got what a mount shows by itself.

    Raises:
        SandboxUnavailable: It has what cannot be on a node.
    """
    if spec.root is not None:
        raise SandboxUnavailable("A machine with a root of its own runs where the platform runs, on no node.")
    order: dict[str, Any] = {name: getattr(spec, name) for name in _PLAIN}
    order |= {
        "name": spec.name,
        "command": list(spec.command),
        "limits": asdict(spec.limits),
        "environment": dict(spec.environment),
        "packages": None if spec.packages is None else list(spec.packages),
        "forked_variables": sorted(spec.forked_variables),
        "other_users": dict(spec.other_users),
        # What is moved to where it is written to is no other mount's.
        "mounts": [_mount(each, each.source not in spec.left and holds(each.source)) for each in spec.mounts],
        "network": None if spec.network is None else _network(spec.network, doors, spec.node),
        "python": None if spec.python is None else _interpreter(spec.python),
        "image": None if spec.image is None else user_order_of(spec.image),
        "pipes": [place_of(spec, path) for path in spec.pipes],
        "moved": [(*place_of(spec, place), str(place)) for place in spec.left if holds(place)],
    }
    return order


def place_of(spec: SandboxSpec, path: Path) -> tuple[int, str]:
    """Return in which mount a path lies, and where there; in the innermost, where one is in another.

    Raises:
        ValueError: In none of those that are writable.
    """
    found = [
        (number, mount.source)
        for number, mount in enumerate(spec.mounts)
        if mount.writable and path.is_relative_to(mount.source)
    ]
    if not found:
        raise ValueError(f"{path} is in no writable mount")
    number, source = max(found, key=lambda each: len(each[1].parts))
    below = path.relative_to(source)
    return number, "" if below == Path() else str(below)


def spec_of(
    order: Mapping[str, Any],
    folder: Path,
    tree: Callable[[int, Mapping[str, Any]], Path],
    door: Callable[[str, int], OpenDoor],
    wire: Callable[[str], Carry],
    root: Path | None = None,
) -> SandboxSpec:
    """Return what to start on this node.

    Args:
        order: As `order_of` made it, on the platform.
        folder: The executor's own folder for it.
        tree: Where the content of a mount lies here, by its number and as it was ordered.
        door: What serves a door here, by network and port.
        wire: What carries a network's packets to where else it is.
        root: Its image, unpacked here.

    Raises:
        SandboxUnavailable: It needs what this node has not.
    """
    python = None if order["python"] is None else _found_interpreter(order["python"])
    network = None if order["network"] is None else _found_network(order["network"], door, wire)
    mounts = (_found_mount(mount, tree(number, mount)) for number, mount in enumerate(order["mounts"]))
    return SandboxSpec(
        name=order["name"],
        folder=folder,
        command=tuple(order["command"]),
        limits=Limits(**order["limits"]),
        environment=order["environment"],
        packages=None if order["packages"] is None else tuple(order["packages"]),
        forked_variables=frozenset(order["forked_variables"]),
        other_users=order["other_users"],
        mounts=tuple(mount for mount in mounts if mount is not None),
        network=network,
        python=python,
        image=None if order["image"] is None else _found_image(order["image"], root, folder),
        **{name: order[name] for name in _PLAIN},
    )


def status_of(told: Mapping[str, Any]) -> ExitStatus:
    """Return how a sandbox ended, as a node told it.

    Raises:
        TypeError, KeyError, ValueError: It told something else.
    """
    ended_by = told["signal"]
    return ExitStatus(
        int(told["code"]),
        None if ended_by is None else int(ended_by),
        out_of_memory=told["out_of_memory"] is True,
        out_of_disk=told["out_of_disk"] is True,
    )


def usage_of(told: list[Any]) -> Usage:
    """Return what a sandbox uses, as a node told it."""
    cpu_s, memory, peak, anonymous = told
    return Usage(float(cpu_s), int(memory), int(peak), int(anonymous))


def _mount(mount: Mount, is_held: bool) -> dict[str, Any]:
    own = str(mount.source.relative_to(_PACKAGE)) if mount.source.is_relative_to(_PACKAGE) else None
    return {
        "own": own,
        "held": str(mount.source) if is_held else None,
        "there": str(mount.source) if mount.of_machine else None,
        "target": mount.target,
        "writable": mount.writable,
    }


def _found_mount(order: Mapping[str, Any], tree: Path) -> Mount | None:
    if order["there"] is not None:
        place = Path(order["there"])
        return Mount(place, order["target"]) if place.exists() else None
    source = tree if order["own"] is None else _PACKAGE / order["own"]
    return Mount(source, order["target"], order["writable"])


def _network(network: Network, doors: Iterable[int], node: str | None) -> dict[str, Any]:
    if network.addresses or network.far_doors:
        raise SandboxUnavailable(
            "A network with addresses of its own is where the platform runs, on no node."
        )
    return {
        "name": network.name,
        "hosts": dict(network.hosts),
        "doors": sorted(doors),
        "wired": list(network.addresses_on(node)) if network.places else None,
    }


def _found_network(
    order: Mapping[str, Any], door: Callable[[str, int], OpenDoor], wire: Callable[[str], Carry]
) -> Network:
    name, wired = order["name"], order["wired"]
    return Network(
        name,
        order["hosts"],
        platform_door=False,
        doors={port: door(name, port) for port in order["doors"]},
        wire=None if wired is None else Wire(tuple(wired), wire(name)),
    )


def _found_image(order: Mapping[str, Any], root: Path | None, folder: Path) -> ImageRoot:
    if root is None:
        raise SandboxUnavailable("The image is not on this node.")
    return root_of(order, root, folder.with_name("image"))


def _interpreter(python: Interpreter) -> dict[str, Any]:
    return {
        "executable": python.executable,
        "folders": [str(folder) for folder in python.folders],
        "version": list(python.version),
    }


def _found_interpreter(order: Mapping[str, Any]) -> Interpreter:
    major, minor = order["version"]
    found = Interpreter(
        order["executable"], tuple(Path(folder) for folder in order["folders"]), (major, minor)
    )
    missing = [path for path in (Path(found.executable), *found.folders) if not path.exists()]
    if missing:
        raise SandboxUnavailable(
            f"This node has no {missing[0]}: environments of images are not made on nodes, so make it there "
            "at the same place, or share the folder."
        )
    return found
