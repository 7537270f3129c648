"""What is rehearsed, as a plan says it: `endpoint` or `function`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from sagehen.concurrency.limits import Limits
from sagehen.serving.choice import RoutingStrategy
from sagehen.simulation.plan.measures import read_durations, read_work
from sagehen.simulation.plan.sections import Section
from sagehen.simulation.plan.sources import Sources
from sagehen.simulation.plan.values import count, memory_mib, one_of, seconds
from sagehen.simulation.runs.rehearse import Site
from sagehen.simulation.runs.sites import (
    COLD_START_S,
    PROVISION_S,
    SHUTDOWN_S,
    STARTUP_S,
    EndpointSite,
    FunctionSite,
)
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.fleet import FleetLimits
from sagehen.simulation.servers.premises import Premises

_TYPE = re.compile(r"ml\.[a-z0-9-]{2,20}\.[a-z0-9]{1,20}")
# What a plan leaves out.
_FLEET, _LIMITS, _PREMISES = FleetLimits(), Limits(), Premises()
_STRATEGIES = ("RANDOM", "LEAST_OUTSTANDING_REQUESTS")


def read_site(plan: Section, sources: Sources) -> Site:
    """Read the one of the two that is there, or a function with the endpoint that it asks.

    Raises:
        PlanError.
    """
    endpoint, function = plan.take("endpoint"), plan.take("function")
    if endpoint is None and function is None:
        raise plan.fail(
            "either endpoint or function: what is rehearsed; or both, for a function that asks one"
        )
    asked = None if endpoint is None else _endpoint(endpoint.section(), sources)
    if function is None:
        assert asked is not None
        return asked
    return replace(_function(function.section(), sources), behind=asked)


def _endpoint(section: Section, sources: Sources) -> EndpointSite:
    kind = section.require("instance_type", "such as ml.m5.large").read(_instance_type)
    service = read_work(section.require("service_time", "such as 80ms, or {p50: 70ms, p99: 200ms}"), sources)
    limits = FleetLimits(
        concurrency=section.get("concurrency", count(1, 1000), 1),
        slots=section.get("requests_per_instance", count(1, 100_000), _FLEET.slots),
        queue=section.get("queue", count(0, 100_000), _FLEET.queue),
        timeout_s=section.get("timeout", seconds, _FLEET.timeout_s),
        strategy=cast(RoutingStrategy, section.get("routing", one_of(_STRATEGIES), "RANDOM")),
    )
    site = EndpointSite(
        kind,
        service,
        limits,
        startup_s=section.get("startup", seconds, STARTUP_S),
        shutdown_s=section.get("shutdown", seconds, SHUTDOWN_S),
        metric_delay_s=section.get("metric_delay", seconds, 0.0),
    )
    section.end()
    return site


def _function(section: Section, sources: Sources) -> FunctionSite:
    service = read_work(section.require("duration", "such as 120ms, or {p50: 90ms, p99: 400ms}"), sources)
    cold = section.take("cold_start")
    alias = section.take("alias")
    if alias is not None and alias.text == "$LATEST":
        raise alias.fail(
            "provisioned concurrency cannot be put on $LATEST: publish a version, or an alias of one"
        )
    account = section.get("account_limit", count(1, 1_000_000), _LIMITS.concurrency)
    site = FunctionSite(
        section.get("memory", memory_mib, 128),
        service,
        Durations.constant(COLD_START_S) if cold is None else read_durations(cold, sources),
        Premises(
            Limits(concurrency=account, minimum_unreserved=min(_LIMITS.minimum_unreserved, account)),
            others=section.get("others", count(0, 1_000_000), 0),
            others_reserved=section.get("others_reserved", count(0, 1_000_000), 0),
            idle_s=section.get("idle", seconds, _PREMISES.idle_s),
            starts_at_once=section.get("starts_at_once", count(1, 100_000), 0) or None,
            timeout_s=section.get("timeout", seconds, _PREMISES.timeout_s),
        ),
        provision_s=section.get("provisioning", seconds, PROVISION_S),
        architecture=section.get("architecture", one_of(("x86_64", "arm64")), "x86_64"),
        metric_delay_s=section.get("metric_delay", seconds, 0.0),
    )
    section.end()
    return site


def _instance_type(text: str) -> str:
    if not _TYPE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no instance type: write ml.m5.large")
    if text.startswith(("ml.t2.", "ml.t3.")):
        raise ValueError(f"{text} is burstable: AWS does not scale it")
    return text
