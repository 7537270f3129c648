"""The broker: a process that speaks to Ray for the platform. Requests and answers are lines of JSON.

A driver ends when its raylet does, without asking: so the platform itself is none. What is reserved outlives
the broker (placement groups are detached). Requests have an `id`, which their answers repeat:

    {"do": "reserve", "name": …, "bundles": […], "strategy": "PACK", "on": […] or null, "avoid": […]}
    {"answer": ["node", …]} once there is room for all; {"pending": true} before, where there is none yet
    {"do": "release", "name": …}
    {"do": "send", "node": …, "order": {…}}: start an agent (`errand.py`)
    {"answer": [""]} once it is linked, or [why it is not]
    {"nodes": [{"name": …, "address": …, "alive": true, "cpus": …, …}, …]} without a request, when it changed
    {"fatal": …} why it ends

With a mark Ray is somebody else's: its nodes go by Ray's own ids, and what was reserved ends with stdin.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from importlib import import_module
from typing import Any

NAMESPACE = "sagehen"
_LOOK_S = 0.05
_NODES_S = 0.5
# Of those that wait, at once: a look takes Ray's head 2.75 ms (measured with 700 groups, at a load of 18 on
# two cores), and 200 jobs may wait for a night.
_LOOKS_AT_ONCE = 8
_MIB = 2**20
_LABEL = "sagehen-node"
# Ray gives this one to every node, with its id.
_ID_LABEL = "ray.io/node-id"
_ID_DIGITS = 12
_ERRAND_S = 100.0


class Broker:
    """Answers, and looks at what is pending.

    Args:
        ray: The library.
        mark: The platform's, where Ray is somebody else's.
    """

    def __init__(self, ray: Any, mark: str = "") -> None:
        self._ray = ray
        self._mark = mark
        self._label = _ID_LABEL if mark else _LABEL
        self._prefix = f"sagehen/{mark}/" if mark else "sagehen/"
        self._errands: dict[Any, int] = {}
        self._groups = import_module("ray.util.placement_group")
        self._waiting: dict[str, tuple[int, Any, bool]] = {}
        self._held: dict[str, Any] = {}
        self._nodes_told: Any = None
        self._nodes_at = 0.0
        self._names: dict[str, str] = {}

    def sweep(self) -> None:
        """Give back what this platform has reserved, in this life or an earlier one."""
        for found in self._groups.placement_group_table().values():
            if found["state"] != "REMOVED" and found["name"].startswith(self._prefix):
                group = self._groups.get_placement_group(found["name"])
                self._groups.remove_placement_group(group)

    def take(self, request: dict[str, Any]) -> None:
        """Take one request."""
        if request["do"] == "send":
            self._send(request)
            return
        name = self._prefix + request["name"]
        if request["do"] == "release":
            self._waiting.pop(name, None)
            if (group := self._held.pop(name, None)) is not None:
                self._groups.remove_placement_group(group)
            _tell({"id": request["id"], "answer": []})
            return
        selectors = None
        if request["on"] is not None:
            selectors = [{self._label: f"in({','.join(self._labels(request['on']))})"}] * len(
                request["bundles"]
            )
        elif request["avoid"]:
            selectors = [{self._label: f"!in({','.join(request['avoid'])})"}] * len(request["bundles"])
        group = self._groups.placement_group(
            request["bundles"],
            strategy=request["strategy"],
            name=name,
            lifetime="detached",
            bundle_label_selector=selectors,
        )
        self._held[name] = group
        self._waiting[name] = (request["id"], group, False)

    def look(self) -> None:
        """Tell what has come about."""
        for name, (number, group, told) in list(self._waiting.items())[:_LOOKS_AT_ONCE]:
            del self._waiting[name]
            found = self._groups.placement_group_table(group)
            if found["state"] == "CREATED":
                places = found["bundles_to_node_id"]
                _tell({"id": number, "answer": [self._name(places[at]) for at in sorted(places)]})
                continue
            self._waiting[name] = (number, group, True)  # behind the others, who are next
            if not told:
                _tell({"id": number, "pending": True})
        if self._errands:
            self._look_at_errands()
        if time.monotonic() - self._nodes_at > _NODES_S:
            self._nodes_at = time.monotonic()
            self._look_at_nodes()

    def _look_at_nodes(self) -> None:
        found = []
        for node in self._ray.nodes():
            name = f"ray-{node['NodeID'][:_ID_DIGITS]}" if self._mark else node["Labels"].get(_LABEL)
            if name is None:
                continue  # somebody else's: no agent of ours is there
            self._names[node["NodeID"]] = name
            resources = node["Resources"]
            found.append(
                {
                    "name": name,
                    "address": node["NodeManagerAddress"],
                    "alive": node["Alive"],
                    "cpus": resources.get("CPU", 0.0),
                    "memory_mib": int(resources.get("memory", 0.0) / _MIB),
                    # Which devices a reservation is of, Ray tells its own workers alone.
                    "gpus": 0.0 if self._mark else resources.get("GPU", 0.0),
                }
            )
        # A machine that came back is a new node of Ray's beside its dead one.
        best: dict[str, dict[str, Any]] = {}
        for each in found:
            if each["alive"] or each["name"] not in best:
                best[each["name"]] = each
        if best != self._nodes_told:
            self._nodes_told = best
            _tell({"nodes": list(best.values())})

    def _labels(self, names: list[str]) -> list[str]:
        if not self._mark:
            return names
        ids = {name: node_id for node_id, name in self._names.items()}
        return [ids[name] for name in names if name in ids] or ["nobody"]

    def _send(self, request: dict[str, Any]) -> None:
        errand = import_module("sagehen.cluster.ray.errand")
        # By value: Sagehen may not be there.
        import_module("ray.cloudpickle").register_pickle_by_value(errand)
        affinity = import_module("ray.util.scheduling_strategies").NodeAffinitySchedulingStrategy
        [node_id] = self._labels([request["node"]])
        options = {"num_cpus": 0, "max_retries": 0, "scheduling_strategy": affinity(node_id, soft=False)}
        task = self._ray.remote(errand.begin).options(**options)
        self._errands[task.remote(request["order"], _ERRAND_S)] = request["id"]

    def _look_at_errands(self) -> None:
        done, _ = self._ray.wait(list(self._errands), num_returns=len(self._errands), timeout=0)
        for errand in done:
            number = self._errands.pop(errand)
            try:
                told = str(self._ray.get(errand))
            except Exception as error:
                told = f"{type(error).__name__}: {str(error)[-500:]}"
            _tell({"id": number, "answer": [told]})

    def _name(self, node_id: str) -> str:
        if node_id not in self._names:
            self._look_at_nodes()
        return self._names.get(node_id, node_id)


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(address: str, mark: str = "") -> None:
    """Serve until stdin ends."""
    try:
        # Not by name: checks of types do without it.
        ray = import_module("ray")
        ray.init(
            address=address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level=40,
            configure_logging=False,
        )
    except Exception as error:  # whatever it is, somebody waits for the reason
        _tell({"fatal": _reason(error)})
        return
    broker = Broker(ray, mark)
    if os.environ.get("SAGEHEN_BROKER_SWEEPS"):
        broker.sweep()
    _tell({"ready": True})
    try:
        _serve(broker)
    finally:
        if mark:
            broker.sweep()


def _reason(error: BaseException) -> str:
    """Return what Ray says at last: a version of another kind, a token that is missing."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = str(error).strip()
    if "Traceback" in said:
        said = said.splitlines()[-1]
    return " ".join(said.split())[:1000] or type(error).__name__


def _serve(broker: Broker) -> None:
    pending = b""
    while True:
        if select.select([0], [], [], _LOOK_S)[0]:
            data = os.read(0, 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                request = json.loads(line)
                try:
                    broker.take(request)
                except Exception as error:
                    _tell({"id": request.get("id"), "error": f"{type(error).__name__}: {error}"})
        broker.look()


if __name__ == "__main__":
    main(*sys.argv[1:])
