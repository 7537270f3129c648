"""Nodes: what there is, in colours, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sagehen.console.documents.chain.graph import Health, Link, Node, node_id, worst
from sagehen.console.documents.chain.links import target_name
from sagehen.console.documents.chain.scene import Scene, Told
from sagehen.domain.ports.identity.access_journal import RefusedAccess

_JOBS = {
    "InProgress": Health.BUSY,
    "Stopping": Health.BUSY,
    "Completed": Health.OK,
    "Stopped": Health.STOPPED,
    "Failed": Health.ERROR,
}
_ENDPOINTS = {"InService": Health.OK, "OutOfService": Health.ERROR, "Failed": Health.ERROR}
_FUNCTIONS = {"Active": Health.OK, "Inactive": Health.STOPPED, "Pending": Health.BUSY, "Failed": Health.ERROR}
_ALARMS = {"OK": Health.OK, "ALARM": Health.WARNING, "INSUFFICIENT_DATA": Health.STOPPED}


@dataclass(frozen=True, slots=True)
class Traffic:
    """What came to one thing in a window of time.

    Args:
        requests: How many.
        failed: How many of them failed on our side.
        throttled: How many were refused for being too many.
        seconds: How long the window was.
    """

    requests: float = 0.0
    failed: float = 0.0
    throttled: float = 0.0
    seconds: float = 60.0

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def nodes(
    scene: Scene,
    found: Sequence[Link],
    traffic: Mapping[str, Traffic],
    refusals: Sequence[RefusedAccess],
) -> list[Node]:
    """Return all nodes.

    Args:
        scene: What there is.
        found: Its links: roles, and buckets of others, are nodes because somebody points at them.
        traffic: By a node's id.
        refusals: Of the last hour.
    """
    made = [_busy(node, traffic.get(node.id)) for node in _things(scene)]
    known = {node.id for node in made}
    made += _mentioned(found, known, refusals)
    return [_linked(node, found) for node in made]


def _things(scene: Scene) -> Iterator[Node]:
    for bucket in scene.buckets:
        yield Node("bucket", bucket["Name"], f"arn:aws:s3:::{bucket['Name']}")
    for job in scene.jobs:
        status = job["TrainingJobStatus"]
        facts = {"secondaryStatus": job.get("SecondaryStatus", ""), **_size(job.get("ResourceConfig") or {})}
        yield Node(
            "training-job",
            job["TrainingJobName"],
            job["TrainingJobArn"],
            status,
            _JOBS.get(status, Health.WARNING),
            job.get("FailureReason") or "",
            facts=facts,
        )
    for job in scene.processing:
        cluster = (job.get("ProcessingResources") or {}).get("ClusterConfig") or {}
        yield _job("processing-job", "ProcessingJob", job, cluster)
    for job in scene.transforms:
        yield _job("transform-job", "TransformJob", job, job.get("TransformResources") or {})
    for model in scene.models:
        yield Node("model", model["ModelName"], model["ModelArn"])
    for endpoint in scene.endpoints:
        yield _endpoint(endpoint, scene.configurations.get(endpoint["EndpointConfigName"]) or {})
    for function in scene.functions:
        yield _function(function)
    for api in scene.apis:
        facts = {"name": api["name"], "stages": [*scene.stages.get(api["id"], ())]}
        undeployed = "" if facts["stages"] else "it is not deployed to any stage"
        yield Node(
            "api",
            api["id"],
            health=Health.OK if not undeployed else Health.STOPPED,
            why=undeployed,
            facts=facts,
        )
    for alarm in scene.alarms:
        yield _alarm(alarm)
    for target in scene.targets:
        yield _target(target)


def _job(kind: str, noun: str, job: Told, resources: Told) -> Node:
    status = job[f"{noun}Status"]
    return Node(
        kind,
        job[f"{noun}Name"],
        job[f"{noun}Arn"],
        status,
        _JOBS.get(status, Health.WARNING),
        job.get("FailureReason") or "",
        facts=_size(resources),
    )


def _size(resources: Told) -> dict[str, Any]:
    groups = resources.get("InstanceGroups") or (resources,)
    return {
        "instances": " + ".join(f"{one.get('InstanceCount')} × {one.get('InstanceType')}" for one in groups)
    }


def _endpoint(endpoint: Told, configuration: Told) -> Node:
    status = endpoint["EndpointStatus"]
    variants = endpoint.get("ProductionVariants") or ()
    types = {
        one["VariantName"]: one.get("InstanceType") for one in configuration.get("ProductionVariants") or ()
    }
    facts = {
        "variants": [
            {
                "name": one["VariantName"],
                "instances": one.get("CurrentInstanceCount"),
                "wanted": one.get("DesiredInstanceCount"),
                "type": types.get(one["VariantName"]),
                "weight": one.get("CurrentWeight"),
            }
            for one in variants
        ]
    }
    lacking = [
        f"{one['name']} has {one['instances'] or 0} of {one['wanted']} instances"
        for one in facts["variants"]
        if (one["instances"] or 0) < (one["wanted"] or 0)
    ]
    health = _ENDPOINTS.get(status, Health.BUSY)
    if lacking and health is Health.OK:
        health = Health.BUSY
    why = endpoint.get("FailureReason") or "; ".join(lacking)
    return Node(
        "endpoint", endpoint["EndpointName"], endpoint["EndpointArn"], status, health, why, facts=facts
    )


def _function(function: Told) -> Node:
    status = function.get("State") or "Active"
    health, why = _FUNCTIONS.get(status, Health.WARNING), function.get("StateReason") or ""
    if function.get("LastUpdateStatus") == "Failed":
        health, why = Health.ERROR, function.get("LastUpdateStatusReason") or "its last update failed"
    facts = {"runtime": function.get("Runtime"), "memoryMb": function.get("MemorySize")}
    return Node(
        "function", function["FunctionName"], function["FunctionArn"], status, health, why, facts=facts
    )


def _alarm(alarm: Told) -> Node:
    status = alarm["StateValue"]
    why = alarm.get("StateReason") or "" if status == "ALARM" else ""
    facts = {"metric": alarm.get("MetricName", ""), "threshold": alarm.get("Threshold")}
    health = _ALARMS.get(status, Health.WARNING)
    return Node("alarm", alarm["AlarmName"], alarm["AlarmArn"], status, health, why, facts=facts)


def _target(target: Told) -> Node:
    facts = {
        "min": target["MinCapacity"],
        "max": target["MaxCapacity"],
        "dimension": target["ScalableDimension"],
    }
    suspended = [name for name, off in (target.get("SuspendedState") or {}).items() if off]
    why = f"suspended: {', '.join(suspended)}" if suspended else ""
    health = Health.STOPPED if suspended else Health.OK
    return Node(
        "scaling-target",
        target_name(target),
        target.get("ScalableTargetARN") or "",
        "",
        health,
        why,
        facts=facts,
    )


def _busy(node: Node, traffic: Traffic | None) -> Node:
    """Return a node with its traffic, and with what that tells of its health."""
    if traffic is None:
        return node
    told = []
    if traffic.throttled:
        told.append(f"{traffic.throttled:.0f} requests were throttled")
    if traffic.failed:
        told.append(f"{traffic.failed:.0f} of {traffic.requests:.0f} requests failed")
    health = worst(node.health, Health.WARNING) if told else node.health
    why = "; ".join(text for text in (node.why, *told) if text)
    return replace(node, per_second=traffic.per_second, health=health, why=why)


def _mentioned(found: Sequence[Link], known: set[str], refusals: Sequence[RefusedAccess]) -> Iterator[Node]:
    """Yield what links point at and no listing has: roles, buckets of others, what is gone."""
    ends = dict.fromkeys(end for link in found for end in (link.source, link.target))
    arns = {node_id("role", link.role.rpartition("/")[2]): link.role for link in found if link.role}
    for end in ends:
        if end in known:
            continue
        kind, _, name = end.partition("/")
        if kind == "role":
            yield _role(name, arns.get(end, ""), refusals)
        else:
            yield Node(
                kind, name, status="unknown", health=Health.WARNING, why="it is not among what you may see"
            )


def _role(name: str, arn: str, refusals: Sequence[RefusedAccess]) -> Node:
    mine = [one for one in refusals if (one.principal.role_arn or "").rpartition("/")[2] == name]
    if not mine:
        return Node("role", name, arn)
    latest = mine[0]
    times = sum(one.times for one in mine)
    what = f"{latest.access.action} on {latest.access.resource}"
    why = f"refused {times} times in the last hour, the latest: {what}"
    return Node("role", name, arn or latest.principal.role_arn or "", "", Health.WARNING, why)


def _linked(node: Node, found: Sequence[Link]) -> Node:
    """Return a node that cannot call what it is made to call in its colour: refused is broken."""
    refused = [link.why for link in found if link.source == node.id and link.allowed is False]
    if not refused or node.kind not in ("function", "api"):
        return node
    why = "; ".join(text for text in (node.why, *refused) if text)
    return replace(node, health=Health.ERROR, why=why)
