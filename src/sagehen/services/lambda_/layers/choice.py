"""LayerChoice: the layers that a function asks for, looked up and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.services.lambda_.code.archives import UNZIPPED_BYTES
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.names import parse_layer


class LayerChoice:
    """Finds layers, of any account: who may use which was authorized before."""

    def __init__(self, records: LayerRecords) -> None:
        self._records = records

    def chosen(
        self, context: RequestContext, arns: Sequence[str], unzipped_bytes: int
    ) -> list[dict[str, Any]]:
        """Return the layers as a function's configuration keeps them.

        Args:
            arns: Of layer versions, in the order in which they are merged.
            unzipped_bytes: Size of the function's own code.

        Raises:
            InvalidParameterValueException: One does not exist, or they are too many or too large.
        """
        layers: list[dict[str, Any]] = []
        for text in arns:
            reference = parse_layer(context.scope, text)
            if reference.version is None:
                raise InvalidParameterValueException(f"Invalid layer version ARN: {text}")
            # Recorded.
            if reference.scope.region != context.scope.region:
                raise InvalidParameterValueException(
                    f"Layers are not in the same region as the function. Layers are expected to be in "
                    f"region {context.scope.region}."
                )
            layer = self._records.get(reference)
            if layer is None:
                raise InvalidParameterValueException(f"Layer version {text} does not exist.")
            layers.append(
                {
                    "Arn": reference.arn,
                    "CodeSize": layer.package.size,
                    "Sha": layer.package.sha,
                    "UnzippedSize": layer.package.unzipped_size,
                }
            )
        check_layers(layers, unzipped_bytes)
        return layers


def check_layers(layers: list[dict[str, Any]], unzipped_bytes: int) -> None:
    """Check the layers of a function against AWS's limits.

    Raises:
        InvalidParameterValueException.
    """
    # Documented: Lambda quotas, five layers and 250 MB (262,144,000 bytes) unzipped, with the code. Texts
    # recorded.
    if len(layers) > 5:
        raise InvalidParameterValueException("Cannot reference more than 5 layers.")
    seen: dict[str, str] = {}
    for layer in layers:
        name = layer["Arn"].rpartition(":")[0]
        if name in seen:
            raise InvalidParameterValueException(
                "Two different versions of the same layer are not allowed to be referenced in the same "
                f"function. {seen[name]} and {layer['Arn']} are versions of the same layer."
            )
        seen[name] = layer["Arn"]
    total = unzipped_bytes + sum(layer["UnzippedSize"] for layer in layers)
    if total > UNZIPPED_BYTES:
        raise InvalidParameterValueException(
            f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_BYTES} bytes. "
            f"The actual size is {total} bytes."
        )
