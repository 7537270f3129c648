"""SageMaker's condition keys of a model that is to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.resources.condition_keys import Keys, flag, keys_of, network


def of_model(request: Mapping[str, Any]) -> Keys:
    """Return the keys that CreateModel's request determines (see `resources.condition_keys`)."""
    return keys_of({"NetworkIsolation": flag(request.get("EnableNetworkIsolation")), **network(request)})
