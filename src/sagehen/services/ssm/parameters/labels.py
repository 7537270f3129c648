"""LabelParameterVersion, UnlabelParameterVersion.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
"""

from __future__ import annotations

import re
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.scope import Scope
from sagehen.services.ssm.errors import ParameterNotFound, ParameterVersionLabelLimitExceeded
from sagehen.services.ssm.parameters.access import on_name
from sagehen.services.ssm.parameters.finding import chosen
from sagehen.services.ssm.parameters.names import reference
from sagehen.services.ssm.parameters.parameter import Parameter
from sagehen.services.ssm.parameters.records import ParameterRecords, Writing

_MOST_LABELS = 10
# Documented: letters, digits and three signs; not a number first, nor AWS's own names.
_LABEL = re.compile(r"(?!\d)(?!aws|ssm)[a-z0-9_.\-]{1,100}", re.IGNORECASE)


class Labels:
    """Names for versions, each of one version at a time.

    Args:
        records: Where they are.
    """

    def __init__(self, records: ParameterRecords) -> None:
        self._records = records

    @operation("LabelParameterVersion", access=on_name())
    async def label_parameter_version(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a version labels, the latest where none is named; other versions lose them.

        Raises:
            ParameterNotFound, ParameterVersionNotFound, ParameterVersionLabelLimitExceeded.
        """
        invalid = [label for label in request["Labels"] if not _LABEL.fullmatch(label)]
        valid = [label for label in dict.fromkeys(request["Labels"]) if label not in invalid]

        def work(writing: Writing) -> int:
            versions, target = _found(writing, context.scope, request)
            labels = tuple(dict.fromkeys((*target.labels, *valid)))
            if len(labels) > _MOST_LABELS:
                raise ParameterVersionLabelLimitExceeded(
                    f"A parameter version can have maximum {_MOST_LABELS} labels. Move one or more labels to "
                    "another version and try again."
                )
            for other in versions:
                if other.version != target.version and set(other.labels) & set(valid):
                    writing.label(other, tuple(label for label in other.labels if label not in valid))
            writing.label(target, labels)
            return target.version

        version = await self._records.change(work)
        return {"InvalidLabels": invalid, "ParameterVersion": version}

    @operation("UnlabelParameterVersion", access=on_name())
    async def unlabel_parameter_version(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take labels from a version; those that it has not are told.

        Raises:
            ParameterNotFound, ParameterVersionNotFound.
        """

        def work(writing: Writing) -> tuple[str, ...]:
            _, target = _found(writing, context.scope, request)
            writing.label(target, tuple(x for x in target.labels if x not in request["Labels"]))
            return target.labels

        had = await self._records.change(work)
        asked = list(dict.fromkeys(request["Labels"]))
        return {
            "RemovedLabels": [label for label in asked if label in had],
            "InvalidLabels": [label for label in asked if label not in had],
        }


def _found(writing: Writing, scope: Scope, request: Request) -> tuple[list[Parameter], Parameter]:
    name = reference(request["Name"], scope).name
    versions = writing.versions(scope, name)
    if not versions:
        raise ParameterNotFound
    number = request.get("ParameterVersion")
    return versions, versions[-1] if number is None else chosen(versions, name, str(number))
