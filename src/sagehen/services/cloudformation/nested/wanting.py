"""Wanting: what a nested stack's properties make of it, and whether who acts may have that."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.makers.contract import Job
from sagehen.services.cloudformation.sources import Sources
from sagehen.services.cloudformation.stacks.stack import Stack, Version
from sagehen.services.cloudformation.versions import Versions

_PROPERTIES = {"TemplateURL", "Parameters", "Tags", "TimeoutInMinutes"}
_TAG = {"Key", "Value"}
_MINUTES = re.compile(r"[1-9][0-9]{0,8}\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a nested stack is to become."""

    version: Version
    description: str
    longest_min: int | None


class Wanting:
    """Reads the properties of nested stacks, which no request brings to the door."""

    def __init__(self, sources: Sources, versions: Versions, authorizer: Authorizer, clock: Clock) -> None:
        self._sources = sources
        self._versions = versions
        self._authorizer = authorizer
        self._clock = clock

    async def of(
        self,
        job: Job,
        arn: str,
        parent: Stack,
        properties: Mapping[str, Any],
        stack: Stack | None = None,
        *,
        template: str | None = None,
    ) -> Wanted:
        """Return what properties want.

        Args:
            arn: Of the nested stack.
            parent: The one around it, whose capabilities, role and tags it has, too.
            stack: As it is, where it is there.
            template: Its template, whatever lies at the URL; None: what lies there.

        Raises:
            ServiceError, AccessDenied: As of a request of whoever acts.
        """
        if unknown := properties.keys() - _PROPERTIES:
            raise ValidationError(f"Encountered unsupported property {min(unknown)}")
        given = properties.get("Parameters") or {}
        if not isinstance(given, Mapping):
            raise ValidationError("Value of property Parameters must be an object")
        url = str(properties.get("TemplateURL") or "")
        operation = "UpdateStack" if stack is not None else "CreateStack"
        self.authorize(job, operation, arn, {"cloudformation:TemplateUrl": url})
        request = {
            "StackName": arn.split("/")[-2],
            "TemplateURL": url,
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": _text(value)} for key, value in given.items()
            ],
            "Capabilities": parent.version.capabilities,
            "Tags": _tags(parent, properties),
        }
        read = await self._sources.template(
            job.principal, {"UsePreviousTemplate": True} if template else request, template
        )
        version = await self._versions.wanted(_context(job, operation, self._clock), request, read, stack)
        version = replace(version, role_arn=parent.version.role_arn)
        return Wanted(version, read.description, _minutes(properties))

    def authorize(self, job: Job, operation: str, arn: str, keys: Mapping[str, str]) -> None:
        """Ask whether who acts may do that to a nested stack. AccessDenied."""
        access = Access(f"cloudformation:{operation}", arn, keys)
        keys_of_request = _context(job, operation, self._clock).condition_keys()
        self._authorizer.authorize(job.principal, access, keys_of_request)


def _context(job: Job, operation: str, clock: Clock) -> RequestContext:
    return RequestContext(
        request_id=str(uuid.uuid4()),
        service="cloudformation",
        operation=operation,
        scope=job.scope,
        principal=job.principal,
        received_at=clock.now(),
        secure=True,
        from_sandbox=True,  # on somebody's behalf, not by this machine's owner
    )


def _tags(parent: Stack, properties: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a nested stack's tags: its own over those of the stack around it (documented)."""
    own = properties.get("Tags") or []
    if not isinstance(own, list) or not all(isinstance(one, dict) and one.keys() == _TAG for one in own):
        raise ValidationError("Value of property Tags must be a list of objects with Key and Value")
    tags = [*parent.version.tags, *own]
    return [{"Key": key, "Value": value} for key, value in {one["Key"]: one["Value"] for one in tags}.items()]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _minutes(properties: Mapping[str, Any]) -> int | None:
    if "TimeoutInMinutes" not in properties:
        return None
    text = str(properties["TimeoutInMinutes"])
    if not _MINUTES.match(text):
        raise ValidationError("TimeoutInMinutes must be a number of at least 1.")
    return int(text)
