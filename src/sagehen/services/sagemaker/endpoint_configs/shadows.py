"""What CreateEndpointConfig accepts of shadow variants. Pure checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException


def check(request: Mapping[str, Any]) -> None:
    """Check ShadowProductionVariants.

    Raises:
        ValidationException: More than one shadow or production variant (documented: its model; the words are
            from memory).
    """
    shadows = request.get("ShadowProductionVariants") or ()
    if shadows and (len(shadows) > 1 or len(request["ProductionVariants"]) > 1):
        raise ValidationException(
            "Only one variant can be specified in ProductionVariants and one in ShadowProductionVariants "
            "when ShadowProductionVariants is used."
        )
