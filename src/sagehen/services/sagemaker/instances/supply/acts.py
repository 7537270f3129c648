"""`sagehen capacity`: the operator reads and changes what can be had of instance types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.executors.hardware import instance_types
from sagehen.services.sagemaker.instances.supply.offer import MOST_LIMIT, Offer
from sagehen.services.sagemaker.instances.supply.supply import Supply, changed


class SupplyActs:
    """The operator's acts on the supply; see `domain.ports.calls.operator_acts`."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply

    async def capacity(self, _: Scope, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Change one type's offer where the request names one; return all that are not the usual one.

        Args:
            request: `InstanceType`, and with it `Available` (true, false), `Limit` (0 and up), or both.

        Raises:
            ValidationException: There is no such type, or a value is of another kind.
        """
        if (name := request.get("InstanceType")) is not None:
            available, limit = _checked(name, request)
            if available is not None or limit is not None:
                await self._supply.change(name, partial(changed, available=available, limit=limit))
        return {"Offers": [_shown(offer) for offer in self._supply.offers()]}


def _checked(name: Any, request: Mapping[str, Any]) -> tuple[bool | None, int | None]:
    if not isinstance(name, str) or instance_types.lookup(name) is None:
        raise ValidationException(f"Instance type {str(name)[:80]} is not in Sagehen's catalogue.")
    available, limit = request.get("Available"), request.get("Limit")
    if available is not None and not isinstance(available, bool):
        raise ValidationException("Available is true or false.")
    if limit is not None and (type(limit) is not int or not 0 <= limit <= MOST_LIMIT):
        raise ValidationException(f"Limit is a number from 0 to {MOST_LIMIT}.")
    return available, limit


def _shown(offer: Offer) -> dict[str, Any]:
    return {"InstanceType": offer.instance_type, "Available": offer.available, "Limit": offer.limit}
