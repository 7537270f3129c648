"""The operations of this room, made of what they need."""

from __future__ import annotations

from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.apigateway.documents.records import Records
from sagehen.services.apigateway.plans.api_keys import ApiKeys
from sagehen.services.apigateway.plans.counter import CountedUsage
from sagehen.services.apigateway.plans.key_import import ApiKeyImport
from sagehen.services.apigateway.plans.members import UsagePlanKeys
from sagehen.services.apigateway.plans.operations import UsagePlans
from sagehen.services.apigateway.plans.usage import Usage


def keys_and_plans(records: Records, clock: Clock, ids: Ids, usage: CountedUsage) -> tuple[object, ...]:
    """Make the operations on API keys, usage plans and counted use."""
    return (
        ApiKeys(records, clock, ids),
        ApiKeyImport(records, clock, ids),
        UsagePlans(records, clock, ids),
        UsagePlanKeys(records, clock),
        Usage(records, clock, usage),
    )
