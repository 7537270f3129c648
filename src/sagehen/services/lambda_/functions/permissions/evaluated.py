"""What the evaluator of policies reads of functions and layers."""

from __future__ import annotations

from sagehen.domain.arn import Arn
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference, parse_layer
from sagehen.services.lambda_.statements import ResourcePolicy


class StoredResourcePolicies:
    """Implements `ports.ResourcePolicies` for functions and layers."""

    def __init__(self, policies: PolicyRecords, layers: LayerRecords) -> None:
        self._policies = policies
        self._layers = layers

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy of a function, version, alias or layer version; None where there is none."""
        arn = Arn.parse(resource_arn)
        scope = Scope(arn.account_id, arn.region)
        kind, _, rest = arn.resource.partition(":")
        if kind == "function":
            name, _, qualifier = rest.partition(":")
            # $LATEST has no policy of its own: who may invoke the function may invoke it.
            reference = FunctionReference(scope, name, "" if qualifier == LATEST else qualifier)
            return self._policies.document(reference)
        if kind == "layer" and rest.rpartition(":")[2].isdigit():
            layer = self._layers.get(parse_layer(scope, resource_arn))
            if layer is not None and layer.statements:
                return ResourcePolicy(layer.statements).document()
        return None

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return None: ARNs of Lambda carry their account."""
        return None  # ARNs of Lambda say it
