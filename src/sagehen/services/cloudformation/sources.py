"""Sources: where a request's template comes from, and what its parameters of Systems Manager are."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.domain.s3_uris import bucket_and_key
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.acceptance import check_template
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.macros.asking import Asking
from sagehen.services.cloudformation.macros.language_extensions import require_no_extensions
from sagehen.services.cloudformation.macros.processing import Macros
from sagehen.services.cloudformation.stacks.policies import check_policy
from sagehen.services.cloudformation.templates import parameters as binding
from sagehen.services.cloudformation.templates.context import Context, pseudo_of
from sagehen.services.cloudformation.templates.reading import MOST_BODY_BYTES, MOST_FILE_BYTES, read
from sagehen.services.cloudformation.templates.template import Template, template_of

# S3 as clients with an endpoint URL of this machine name it: the CLI's `package`, CDK.
_OWN = re.compile(r"^https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?/")
# Longer ones are read in a thread.
_ON_LOOP = 4096


class Sources:
    """Brings templates."""

    def __init__(self, objects: Objects, calls: OperationCalls, macros: Macros) -> None:
        self._objects = objects
        self._calls = calls
        self._macros = macros

    async def template(
        self, principal: Principal, request: Mapping[str, Any], previous: str | None = None
    ) -> Template:
        """Return the request's template, checked; one that asks for macros once it is `processed`.

        Args:
            previous: The stack's as it was given, for UsePreviousTemplate.

        Raises:
            ValidationError
        """
        text = await self._text(principal, request, previous)
        if len(text) <= _ON_LOOP:
            return _given(text)
        return await asyncio.to_thread(_given, text)

    async def processed(
        self,
        principal: Principal,
        scope: Scope,
        stack_name: str,
        template: Template,
        texts: Mapping[str, str],
        resolved: Mapping[str, str],
    ) -> Template:
        """Return what a template's macros make of it, checked; itself where it asks for none.

        Args:
            texts: Its parameters' values.
            resolved: Name of a parameter of Systems Manager -> its value.

        Raises:
            ValidationError: TransformFailed where a macro says so.
            NotImplementedOperation: It asks for a macro that is not there.
        """
        if not template.transforms:
            return template
        values = binding.values_of(template.parameters, texts, resolved)
        mappings = template.document.get("Mappings")
        context = Context(
            values, pseudo_of(scope, stack_name), mappings if isinstance(mappings, dict) else {}
        )
        plain = {name: ",".join(one) if isinstance(one, list) else one for name, one in values.items()}
        asking = Asking(principal, scope, plain, context, lambda place: self._of_s3(principal, place))
        document = await self._macros.processed(asking, template.document)
        return await asyncio.to_thread(_processed, document)

    async def _text(self, principal: Principal, request: Mapping[str, Any], previous: str | None) -> str:
        body, url = request.get("TemplateBody"), request.get("TemplateURL")
        if request.get("UsePreviousTemplate") and previous is not None:
            if body or url:
                raise ValidationError(
                    "You cannot specify both usePreviousTemplate and Template Body/Template URL."
                )
            return previous
        if bool(body) == bool(url):
            raise ValidationError("Either Template URL or Template Body must be specified.")
        if body:
            if len(body.encode()) > MOST_BODY_BYTES:
                raise ValidationError(
                    "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                    f"Member must have length less than or equal to {MOST_BODY_BYTES}"
                )
            return str(body)
        return await self._of_s3(principal, str(url))

    async def policy(self, principal: Principal, request: Mapping[str, Any], member: str) -> str | None:
        """Return a request's stack policy, checked; None where it has none.

        Args:
            member: `StackPolicy`, or `StackPolicyDuringUpdate`.

        Raises:
            ValidationError
        """
        body, url = request.get(f"{member}Body"), request.get(f"{member}URL")
        if body and url:
            raise ValidationError(f"You cannot specify both {member}URL and {member}Body.")
        if not body and not url:
            return None
        return check_policy(str(body) if body else await self._of_s3(principal, str(url)))

    async def _of_s3(self, principal: Principal, url: str) -> str:
        place = bucket_and_key(_OWN.sub("s3://", url))
        if place is None or not place[1]:
            raise ValidationError("TemplateURL must be a supported URL.")
        try:
            summary, pieces = await self._objects.read(principal, *place)
            if summary.size > MOST_FILE_BYTES:
                raise ValidationError(f"Template may not exceed {MOST_FILE_BYTES} bytes in size.")
            content = b"".join([piece async for piece in pieces])
            return content.decode()
        except (NoSuchObject, AccessDenied) as error:
            raise ValidationError(f"S3 error: Access Denied ({error})") from None
        except UnicodeDecodeError:
            raise ValidationError("Template format error: it is not UTF-8.") from None

    async def resolved(
        self, principal: Principal, scope: Scope, template: Template, values: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the values of the parameters of Systems Manager that a template's parameters name.

        Raises:
            ValidationError: One is not there.
        """
        names = sorted(
            {
                values[name]
                for name, parameter in template.parameters.items()
                if binding.ssm_parameter(parameter["Type"]) is not None
            }
        )
        found: dict[str, str] = {}
        for name in names:
            try:
                answer = await self._calls.call(
                    principal, scope, "ssm", "GetParameter", {"Name": name, "WithDecryption": False}
                )
            except (ServiceError, AccessDenied):
                raise ValidationError(
                    f"Unable to fetch parameters [{name}] from parameter store for this account."
                ) from None
            found[name] = answer["Parameter"]["Value"]
        return found


def _given(text: str) -> Template:
    document = read(text)
    template = template_of(text, document)
    if not template.transforms:
        require_no_extensions(document)
        check_template(template)
    return template


def _processed(document: Mapping[str, Any]) -> Template:
    text = json.dumps(document)
    template = template_of(text, read(text))
    check_template(template)
    return template
