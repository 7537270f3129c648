"""The operations of `identities`, built of what they share."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.last_used import LastUsed
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.identities.groups import Groups
from sagehen.services.iam.identities.instance_profiles import InstanceProfiles
from sagehen.services.iam.identities.roles import Roles
from sagehen.services.iam.identities.service_linked_roles import ServiceLinkedRoles
from sagehen.services.iam.identities.tags import Tags
from sagehen.services.iam.identities.users import Users
from sagehen.services.iam.policies.trust import TrustPolicies


def identity_operations(
    records: Records,
    trust: TrustPolicies,
    linked_roles: ServiceLinkedRoles,
    clock: Clock,
    ids: Ids,
    last_used: LastUsed,
) -> tuple[object, ...]:
    """Return who serves the operations, for `api.Service`; `last_used` is the authorizer's."""
    return (
        Users(records, clock, ids),
        Groups(records, clock, ids),
        Roles(records, trust, clock, ids, last_used),
        linked_roles,
        InstanceProfiles(records, trust, clock, ids),
        Tags(records),
    )
