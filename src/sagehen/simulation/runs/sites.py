"""What is rehearsed: an endpoint's variant or a function, as it is; and a candidate's settings for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sagehen.simulation.scaling.watched import WatchedPolicy
from sagehen.simulation.servers.durations import Durations
from sagehen.simulation.servers.fleet import FleetLimits
from sagehen.simulation.servers.premises import Premises

# Quotas can be raised; the default is 20 of one type at an endpoint, on AWS and on the platform.
MOST_INSTANCES, QUOTA = 1000, 20
# What a plan leaves out. From memory: minutes until an instance of an endpoint serves, one or two for
# provisioned concurrency, some hundred milliseconds for a small function's cold start.
STARTUP_S, SHUTDOWN_S, PROVISION_S, COLD_START_S = 240.0, 60.0, 90.0, 0.3


@dataclass(frozen=True, slots=True)
class EndpointSite:
    """An endpoint's variant.

    Args:
        instance_type: Such as `ml.m5.large`; it has a price, no speed.
        service: How long one request takes that waits for nothing.
        limits: How many one instance takes on.
        startup_s: From the decision until a new instance takes requests. Minutes on AWS.
        shutdown_s: From the decision until the endpoint is InService again with fewer.
        metric_delay_s: How late CloudWatch knows of a minute; AWS does not say, people see up to two.
    """

    instance_type: str
    service: Durations
    limits: FleetLimits = field(default_factory=FleetLimits)
    startup_s: float = STARTUP_S
    shutdown_s: float = SHUTDOWN_S
    metric_delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FunctionSite:
    """A function.

    Args:
        memory_mib: Of which duration costs.
        service: How long one warm invocation takes.
        init: How much longer a cold one takes.
        premises: The account around it.
        provision_s: From asking for provisioned concurrency until all of it is ready.
        architecture: x86_64 or arm64, which has other prices.
        metric_delay_s: As for endpoints.
        behind: The endpoint that each invocation asks once, and waits for.
    """

    memory_mib: int
    service: Durations
    init: Durations
    premises: Premises = field(default_factory=Premises)
    provision_s: float = PROVISION_S
    architecture: str = "x86_64"
    metric_delay_s: float = 0.0
    behind: EndpointSite | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings that are compared.

    Args:
        name: In the table.
        minimum, maximum: Of instances or provisioned concurrency. Without policies both are what there is.
        initial: At the beginning.
        policies: Which scale it.
        reserved: A function's reserved concurrency.
        shown: Column -> value, for the table.
        behind: Of the endpoint that a function asks.
    """

    name: str
    minimum: int
    maximum: int
    initial: int
    policies: tuple[WatchedPolicy, ...] = ()
    reserved: int | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    behind: Candidate | None = None
