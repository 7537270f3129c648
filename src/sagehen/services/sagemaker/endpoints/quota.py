"""Quotas of endpoints: how many instances of a type all endpoints of an account may have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.services.sagemaker.endpoints.endpoint import Endpoint
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.store.database import Transaction

# Of an account in a region.
MOST_SERVERLESS, MOST_CONCURRENCY = 50, 1000
_NONE: Mapping[str, Any] = {"variants": ()}
_OTHERS = (
    "SELECT document FROM sagemaker_endpoints"
    " WHERE account_id = ? AND region = ? AND name <> ? AND status NOT IN ('Failed', 'Deleting')"
)


def require(tx: Transaction, limits: Mapping[str, Offer], before: Endpoint | None, after: Endpoint) -> None:
    """Check an endpoint's growth within the transaction that stores it; to shrink is always allowed.

    While it is updated both deployments count, as both have their instances.

    Args:
        limits: The types that have a quota.
        before: None for a new endpoint.

    Raises:
        ResourceLimitExceeded
    """
    _require_concurrency(tx, before, after)
    has = _count(_deployments(before)) if before is not None else Counter[str]()
    growth = {name: count - has[name] for name, count in _count(_deployments(after)).items()}
    grown = {name: delta for name, delta in growth.items() if delta > 0 and name in limits}
    if not grown:
        return
    used = has
    rows = tx.execute(_OTHERS, (after.scope.account_id, after.scope.region, after.name)).fetchall()
    for row in rows:
        document = json.loads(row["document"])
        used = used + _count([document["live"], document["pending"]])
    quotas.require_all(limits, quotas.ENDPOINT, used, grown)


def _require_concurrency(tx: Transaction, before: Endpoint | None, after: Endpoint) -> None:
    """Check what serverless endpoints of an account and region may have in all.

    Both figures are documented (Deploy models with serverless inference, concurrency); the form of the
    message is that of instances.
    """
    has, wanted = _concurrency(before), _concurrency(after)
    if wanted <= has:
        return
    rows = tx.execute(_OTHERS, (after.scope.account_id, after.scope.region, after.name)).fetchall()
    others = [_most(json.loads(row["document"])) for row in rows]
    used = sum(others)
    if not has and sum(1 for most in others if most) >= MOST_SERVERLESS:
        raise quotas.exceeded_in_all("serverless endpoints", MOST_SERVERLESS, "Endpoints", MOST_SERVERLESS, 1)
    if used + wanted > MOST_CONCURRENCY:
        name = "Maximum total concurrency that can be allocated across all serverless endpoints"
        raise quotas.exceeded_in_all(name, MOST_CONCURRENCY, "Units", used + has, wanted - has)


def _concurrency(endpoint: Endpoint | None) -> int:
    return 0 if endpoint is None else _most(endpoint.document())


def _most(document: Mapping[str, Any]) -> int:
    """Return the concurrency that an endpoint takes of its account: of an update's two the larger."""
    return max(
        sum(int((variant.get("serverless") or {}).get("most", 0)) for variant in deployment["variants"])
        for deployment in (document["live"] or _NONE, document["pending"] or _NONE)
    )


def _deployments(endpoint: Endpoint) -> list[Any]:
    document = endpoint.document()
    return [document["live"], document["pending"]]


def _count(deployments: Sequence[Any]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for deployment in deployments:
        for variant in deployment["variants"] if deployment is not None else ():
            counts[variant["instance_type"]] += variant["desired_count"]
    return counts
