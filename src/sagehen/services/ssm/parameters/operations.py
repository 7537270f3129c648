"""PutParameter, GetParameter, GetParameters, DeleteParameter, DeleteParameters.

Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html and its
neighbours.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.ssm.errors import (
    ParameterLimitExceeded,
    ParameterNotFound,
    ParameterVersionNotFound,
    TooManyTagsError,
)
from sagehen.services.ssm.parameters.access import arn_of, on_name, on_put
from sagehen.services.ssm.parameters.finding import Finder
from sagehen.services.ssm.parameters.names import check_new, reference
from sagehen.services.ssm.parameters.parameter import SECURE, Parameter
from sagehen.services.ssm.parameters.putting import IMAGE, Wanted, check_pattern, dropped, wanted
from sagehen.services.ssm.parameters.records import ParameterRecords, Writing
from sagehen.services.ssm.parameters.secrets import Secrets

# Documented: of the standard tier in a region, of both together ten times as many.
_MOST_PARAMETERS = 100_000
MOST_TAGS = 50
# How often a request is looked at again that another one overtook while its value was sealed.
_TRIES = 5


class Parameters:
    """Parameters and their values.

    Args:
        records: Where they are.
        finder: Finds what requests name.
        secrets: Seals and opens.
        clock: Dates them.
    """

    def __init__(self, records: ParameterRecords, finder: Finder, secrets: Secrets, clock: Clock) -> None:
        self._records = records
        self._finder = finder
        self._secrets = secrets
        self._clock = clock

    @operation("PutParameter", access=on_put)
    async def put_parameter(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a parameter, or another version of one.

        Raises:
            ValidationException, AccessDeniedException, HierarchyLevelLimitExceededException,
            HierarchyTypeMismatchException, InvalidAllowedPatternException, InvalidKeyId,
            ParameterAlreadyExists, ParameterLimitExceeded, ParameterMaxVersionLimitExceeded,
            ParameterPatternMismatchException, TooManyTagsError.
            NotImplementedOperation: Policies.
        """
        scope, name = context.scope, request["Name"]
        check_new(name)
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
        check_tags(tags)
        if request.get("AllowedPattern"):
            await asyncio.to_thread(check_pattern, request["AllowedPattern"], request["Value"])
        for _ in range(_TRIES):
            plan = wanted(request, self._records.latest(scope, name))
            if plan.data_type == IMAGE and not self._finder.public.has_image(scope, request["Value"]):
                # AWS answers at once, and then makes no version: it tells EventBridge (documented).
                raise ValidationException(
                    f"The parameter value {request['Value'][:64]} is no id of an image that is available."
                )
            value, key_arn = request["Value"], ""
            if plan.type == SECURE:
                arn = arn_of(scope, name)
                value, key_arn = await self._secrets.sealed(context, arn, value, plan.key_id, plan.tier)
            write = partial(
                self._write,
                context=context,
                request=request,
                plan=plan,
                value=value,
                key_arn=key_arn,
                tags=tags,
            )
            made = await self._records.change(write)
            if made is not None:
                return {"Version": made.version, "Tier": made.tier}
        raise ValidationException("The parameter was changed by others meanwhile; try again.")

    @operation("GetParameter", access=on_name())
    async def get_parameter(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return a parameter, or a version of it.

        Raises:
            ParameterNotFound, ParameterVersionNotFound, InvalidKeyId, ValidationException.
        """
        found = self._finder.find(context.scope, request["Name"])
        selector = reference(request["Name"], context.scope).selector
        return {"Parameter": found.shown(self.value(context, request, found), selector)}

    @operation("GetParameters", access=on_name("Names"))
    async def get_parameters(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return up to ten parameters, and the names of those that are not there.

        Raises:
            InvalidKeyId, ValidationException.
        """
        found, absent = [], []
        for text in dict.fromkeys(request["Names"]):
            try:
                parameter = self._finder.find(context.scope, text)
            except (ParameterNotFound, ParameterVersionNotFound):
                absent.append(text)
                continue
            selector = reference(text, context.scope).selector
            found.append(parameter.shown(self.value(context, request, parameter), selector))
        return {"Parameters": found, "InvalidParameters": absent}

    @operation("DeleteParameter", access=on_name())
    async def delete_parameter(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete a parameter with its versions.

        Raises:
            ParameterNotFound.
        """
        gone = await self._records.change(
            lambda writing: writing.remove(context.scope, reference(request["Name"], context.scope).name)
        )
        if not gone:
            raise ParameterNotFound
        return {}

    @operation("DeleteParameters", access=on_name("Names"))
    async def delete_parameters(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Delete up to ten parameters; those that are not there are told."""
        names = list(dict.fromkeys(request["Names"]))

        def work(writing: Writing) -> list[str]:
            return [
                text for text in names if writing.remove(context.scope, reference(text, context.scope).name)
            ]

        gone = await self._records.change(work)
        return {"DeletedParameters": gone, "InvalidParameters": [text for text in names if text not in gone]}

    def value(self, context: RequestContext, request: Request, parameter: Parameter) -> str:
        """Return a value as a request wants it: opened, or as it is kept.

        Raises:
            InvalidKeyId.
        """
        return self._secrets.opened(context, parameter) if request.get("WithDecryption") else parameter.value

    def _write(
        self,
        writing: Writing,
        *,
        context: RequestContext,
        request: Request,
        plan: Wanted,
        value: str,
        key_arn: str,
        tags: dict[str, str],
    ) -> Parameter | None:
        """Store a version; None where what it was planned on has changed."""
        scope, name = context.scope, request["Name"]
        versions = writing.versions(scope, name)
        latest = versions[-1] if versions else None
        if wanted(request, latest) != plan:
            return None
        if latest is None and writing.count(scope) >= _MOST_PARAMETERS:
            raise ParameterLimitExceeded(
                "You have exceeded the number of parameters for this AWS account. Delete one or more "
                "parameters and try again."
            )
        if (oldest := dropped(versions)) is not None:
            writing.drop(oldest)
        made = Parameter(
            scope,
            name,
            latest.version + 1 if latest else 1,
            plan.type,
            value,
            self._clock.now(),
            modified_by=context.principal.arn,
            description=plan.description,
            key_id=plan.key_id,
            key_arn=key_arn,
            allowed_pattern=plan.allowed_pattern,
            tier=plan.tier,
            data_type=plan.data_type,
        )
        writing.put(made, tags if latest is None else writing.tags(scope, name) or {})
        return made


def check_tags(tags: dict[str, str]) -> None:
    """Check the tags of a parameter.

    Raises:
        ValidationException, TooManyTagsError.
    """
    if reserved(tags):
        raise reserved_tag()
    if counted(tags) > MOST_TAGS:
        raise too_many_tags()


def reserved_tag() -> ValidationException:
    """Return the refusal of a key that is AWS's."""
    return ValidationException("Tag keys starting with 'aws:' are reserved for system use.")


def too_many_tags() -> TooManyTagsError:
    """Return the refusal of more tags than a parameter may have."""
    return TooManyTagsError(f"A parameter can have at most {MOST_TAGS} tags.")
