"""Serverless variants among an endpoint's deployments: how many environments the plan is to see as wanted.

The record says what there may be, requests say what there is to be: `plan.py` compares counts as ever, with
these in place of the record's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.plan import InstanceView
from sagehen.serving.serverless.environments import ServerlessSet

SetOf = Callable[[int, EndpointVariant], ServerlessSet | None]


def as_wanted(endpoint: Endpoint, sets: SetOf, instances: Iterable[InstanceView]) -> Endpoint:
    """Return an endpoint whose serverless variants have the counts that are wanted now.

    A deployment that comes up has one environment at least: one whose container does not pass its health
    check must not take over.

    Args:
        sets: The environments of a variant; None for one with instances.
    """
    starting = [(one.generation, one.variant) for one in instances if one.phase == "starting"]

    def counted(deployment: Deployment | None) -> Deployment | None:
        if deployment is None:
            return None
        least = 1 if deployment == endpoint.pending else 0
        for variant in deployment.variants:
            found = sets(deployment.generation, variant)
            if found is not None:
                count = max(least, found.wanted(starting.count((deployment.generation, variant.name))))
                deployment = deployment.with_variant(replace(variant, desired_count=count))
        return deployment

    return replace(
        endpoint,
        live=counted(endpoint.live),
        pending=counted(endpoint.pending),
        leaving=counted(endpoint.leaving),
    )
