"""Which job may take a pool over. Pure.

Documented (SageMaker Developer Guide, Train using SageMaker managed warm pools, Matching training jobs):
these values must be identical. Images, hyperparameters and data need not be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope

_RESOURCES = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")


def keep_alive_s(request: Mapping[str, Any]) -> int:
    """Return for how long a job's instances stay; 0 where they do not."""
    seconds: int = (request.get("ResourceConfig") or {}).get("KeepAlivePeriodInSeconds") or 0
    return seconds


def key_of(scope: Scope, request: Mapping[str, Any]) -> str:
    """Return what two jobs have in common of which the second may use the first's instances."""
    resources, network = request["ResourceConfig"], request.get("VpcConfig") or {}
    facts = [
        scope.account_id,
        scope.region,
        request.get("RoleArn"),
        [resources.get(name) for name in _RESOURCES],
        sorted(network.get("Subnets", ())),
        sorted(network.get("SecurityGroupIds", ())),
        bool(request.get("EnableInterContainerTrafficEncryption")),
        bool(request.get("EnableNetworkIsolation")),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def may_reuse(scope: Scope, request: Mapping[str, Any]) -> str | None:
    """Return the key of the pools that a job may take over; None where it may take none."""
    if request.get("EnableManagedSpotTraining") or request["ResourceConfig"].get("InstanceGroups"):
        return None
    return key_of(scope, request)


def check(request: Mapping[str, Any]) -> None:
    """Refuse warm pools where there are none.

    Documented: see above, Considerations; the words are ours.

    Raises:
        ValidationException
    """
    if not keep_alive_s(request):
        return
    if request.get("EnableManagedSpotTraining"):
        raise ValidationException(
            "KeepAlivePeriodInSeconds is not supported when EnableManagedSpotTraining is set to true"
        )
    if request["ResourceConfig"].get("InstanceGroups"):
        raise ValidationException("KeepAlivePeriodInSeconds is not supported with InstanceGroups.")
