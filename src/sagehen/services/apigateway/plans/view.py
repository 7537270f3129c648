"""From the documents of keys and plans to what the data plane reads of them: pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.snapshot.plans import ApiKey, Quota, Throttle, UsagePlan
from sagehen.services.apigateway.snapshot.stages import method_key


def api_key(document: Document) -> ApiKey:
    """Return a key as requests meet it."""
    return ApiKey(
        document["id"],
        document.get("name", ""),
        document["value"],
        document["enabled"],
        document.get("customerId"),
    )


def usage_plan(plan: Document, api_stage: Document | None = None) -> UsagePlan:
    """Return a plan as it applies to one of its stages."""
    # Counted use is asked for without a stage: limits of methods are none of its business.
    quota = plan.get("quota")
    return UsagePlan(
        id=plan["id"],
        name=plan["name"],
        throttle=_throttle(plan.get("throttle")),
        quota=Quota(quota["limit"], quota["period"], quota.get("offset", 0)) if quota else None,
        # Clients spell the keys in several ways; they are stored as they were sent.
        method_throttles={
            method_key(key.lstrip("/")): _throttle(throttle)
            for key, throttle in ((api_stage or {}).get("throttle") or {}).items()
        },
        created_at=datetime.fromtimestamp(plan["createdAt"], UTC),
    )


def _throttle(document: Document | None) -> Throttle:
    document = document or {}
    return Throttle(document.get("rateLimit"), document.get("burstLimit"))
