"""The operations of `policies`, built of what they share."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.policies.attachments import PolicyAttachments
from sagehen.services.iam.policies.inline import InlinePolicies
from sagehen.services.iam.policies.managed import ManagedPolicies
from sagehen.services.iam.policies.versions import PolicyVersions


def policy_operations(records: Records, clock: Clock, ids: Ids) -> tuple[object, ...]:
    """Return who serves the operations, for `api.Service`."""
    return (
        InlinePolicies(records),
        ManagedPolicies(records, clock, ids),
        PolicyVersions(records, clock),
        PolicyAttachments(records),
    )
