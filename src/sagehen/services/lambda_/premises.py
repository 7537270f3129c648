"""Premises: what the platform gives Lambda to stand on."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagehen.concurrency.limits import Limits
from sagehen.concurrency.waiting_line import Patience
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.container_images import ContainerImages
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.ports.identity.roles import Roles
from sagehen.domain.ports.observing.metrics import MetricSink
from sagehen.domain.ports.storage.objects import Objects
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What `app` gives; every room takes out of it what it needs.

    Args:
        database: The platform's metadata.
        folder: A folder of this service's own, for code.
        clock: The platform's clock.
        ids: Source of identifiers, and of the draws between an alias's versions.
        roles: PassRole checks, and sessions for destinations.
        objects: S3 with the rights of whoever names a package there.
        authorizer: Rights of those who invoke from inside the platform.
        documents: The grammar of resource policies.
        metrics: Where AWS/Lambda goes.
        environments: What runs functions; closed when the service stops.
        limits: The account's, in each region.
        resolve: `socket.getaddrinfo`: whether names under localhost are known to this machine's programs.
        idle_s: How long an environment waits for its next invocation, in seconds of the clock. AWS
            publishes no time; ten minutes are ours.
        images: The registries that functions' images come from; None: there are none.
        patience: How long synchronous invocations wait for concurrency; None: not at all, as on AWS.
    """

    database: Database
    folder: Path
    clock: Clock
    ids: Ids
    roles: Roles
    objects: Objects
    authorizer: Authorizer
    documents: ResourceDocuments
    metrics: MetricSink
    environments: Environments
    limits: Limits = field(default_factory=Limits)
    resolve: Callable[[str, int], Any] = socket.getaddrinfo
    idle_s: float = 600.0
    patience: Patience | None = None
    images: ContainerImages | None = None
