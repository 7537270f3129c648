"""What is seen of an endpoint that hosts components, from its record and what runs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sagehen.services.sagemaker.endpoints.deployments.of_config import MOST_INSTANCES
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint
from sagehen.services.sagemaker.endpoints.host import Host
from sagehen.services.sagemaker.inference_components.copy import Copy
from sagehen.services.sagemaker.inference_components.needs import Needs
from sagehen.services.sagemaker.inference_components.planning.views import CopyView, HostView, VariantView
from sagehen.services.sagemaker.instances import limits

_MB_PER_GIB = 1024


def live_of(endpoint: Endpoint | None) -> Deployment | None:
    """Return the deployment whose instances take copies; None while there is none, or no longer."""
    if endpoint is None or endpoint.live is None or endpoint.status in ("Deleting", "Failed"):
        return None
    return endpoint.live if endpoint.live.hosts_components else None


def whole(instance_type: str) -> Needs:
    """Return what an instance of a type has, in nominal figures, whatever this machine is.

    AWS keeps some memory for itself, and does not say how much.
    """
    kind, _ = limits.on_this_host(instance_type)
    return Needs(float(kind.vcpus), int(kind.memory_gib * _MB_PER_GIB), kind.gpus)


def variants_of(live: Deployment | None, full: Collection[str] = ()) -> dict[str, VariantView]:
    """Return a deployment's variants.

    Args:
        full: Those that get no more instances than they are to have now.
    """
    if live is None:
        return {}
    total = sum(variant.desired_count for variant in live.variants)
    return {
        variant.name: VariantView(
            whole(variant.instance_type),
            variant.desired_count,
            variant.instance_scaling,
            variant.desired_count + (0 if variant.name in full else MOST_INSTANCES - total),
        )
        for variant in live.variants
    }


def hosts_of(
    hosts: Mapping[str, Host], live: Deployment | None, idle_since: Mapping[str, float]
) -> tuple[HostView, ...]:
    """Return the instances: those of another deployment than the live one are to go, or not there yet."""
    return tuple(
        HostView(
            name,
            host.record.variant,
            host.phase == "ready",
            live is None or host.record.generation != live.generation or host.phase == "stopping",
            idle_since.get(name),
        )
        for name, host in hosts.items()
    )


def copies_of(copies: Mapping[str, Copy]) -> tuple[CopyView, ...]:
    """Return the copies that have not ended."""
    return tuple(
        CopyView(name, one.component, one.record.generation, one.place, one.phase, one.revision.needs)
        for name, one in copies.items()
        if one.phase != "ended"
    )
