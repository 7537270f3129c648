"""Lifecycle configurations: the operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import (
    LifecycleConfig,
    config_arn,
    content_of,
)
from sagehen.services.sagemaker.tags import rights

_NAME = "NotebookInstanceLifecycleConfigName"
_ARN = f"notebook-instance-lifecycle-config/{{{_NAME}}}"


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = config_arn(context.scope, request.get(_NAME, ""))
    yield from rights.creation("CreateNotebookInstanceLifecycleConfig", arn, request)


class LifecycleConfigs:
    """CreateNotebookInstanceLifecycleConfig, Describe…, List…s, Update…, Delete….

    Args:
        users: Returns the ARNs of the notebook instances that have the configuration of that name.
    """

    def __init__(
        self, records: LifecycleConfigRecords, clock: Clock, users: Callable[[Scope, str], list[str]]
    ) -> None:
        self._records = records
        self._clock = clock
        self._users = users

    @operation("CreateNotebookInstanceLifecycleConfig", access=_creation)
    async def create_config(self, context: RequestContext, request: Request) -> Request:
        """Keep scripts.

        Raises:
            ValidationException: The name is taken, or a script is not encoded in base64.
            ResourceLimitExceeded: There are too many.
        """
        now = self._clock.now()
        config = LifecycleConfig(
            scope=context.scope,
            name=request[_NAME],
            created_at=now,
            modified_at=now,
            on_create=content_of(request, "OnCreate") or "",
            on_start=content_of(request, "OnStart") or "",
        )
        await self._records.add(config, request.get("Tags") or ())
        return {"NotebookInstanceLifecycleConfigArn": config.arn}

    @operation("DescribeNotebookInstanceLifecycleConfig", access=on(_ARN, lower=True))
    async def describe_config(self, context: RequestContext, request: Request) -> Request:
        """Tell its scripts.

        Raises:
            ValidationException: There is none of that name.
        """
        config = self._existing(context, request, "describe")
        return {
            **_summary(config),
            "OnCreate": _hooks(config.on_create),
            "OnStart": _hooks(config.on_start),
        }

    @operation("ListNotebookInstanceLifecycleConfigs")
    async def list_configs(self, context: RequestContext, request: Request) -> Request:
        """Return one page."""
        configs, token = self._records.page(context.scope, request)
        return {
            "NotebookInstanceLifecycleConfigs": [_summary(config) for config in configs],
            "NextToken": token,
        }

    @operation("UpdateNotebookInstanceLifecycleConfig", access=on(_ARN, lower=True))
    async def update_config(self, context: RequestContext, request: Request) -> Request:
        """Replace the scripts that are named; an empty list removes one. Instances run them when they start.

        Raises:
            ValidationException: There is none of that name, or a script is not encoded in base64.
        """
        on_create, on_start = content_of(request, "OnCreate"), content_of(request, "OnStart")
        now = self._clock.now()

        def change(config: LifecycleConfig) -> LifecycleConfig:
            return replace(
                config,
                # From memory: what is not named stays.
                on_create=config.on_create if on_create is None else on_create,
                on_start=config.on_start if on_start is None else on_start,
                modified_at=now,
            )

        if await self._records.change(context.scope, request[_NAME], change) is None:
            raise _missing(context, request, "update")
        return {}

    @operation("DeleteNotebookInstanceLifecycleConfig", access=on(_ARN, lower=True))
    async def delete_config(self, context: RequestContext, request: Request) -> Request:
        """Forget it.

        Raises:
            ValidationException: There is none of that name, or a notebook instance has it.
        """
        config = self._existing(context, request, "delete")
        if users := self._users(config.scope, config.name):
            # From memory: an instance could not start without it.
            raise ValidationException(
                f"Unable to delete Notebook Instance Lifecycle Config '{config.arn}'. (Details: Notebook "
                f"Instance Lifecycle Config is in use by {', '.join(users)}.)"
            )
        await self._records.remove(config)
        return {}

    def _existing(self, context: RequestContext, request: Request, verb: str) -> LifecycleConfig:
        config = self._records.get(context.scope, request[_NAME])
        if config is None:
            raise _missing(context, request, verb)
        return config


def _missing(context: RequestContext, request: Request, verb: str) -> ValidationException:
    # Recorded for describe and delete, in public tests of clients.
    return ValidationException(
        f"Unable to {verb} Notebook Instance Lifecycle Config '{config_arn(context.scope, request[_NAME])}'. "
        "(Details: Notebook Instance Lifecycle Config does not exist.)"
    )


def _summary(config: LifecycleConfig) -> dict[str, Any]:
    return {
        _NAME: config.name,
        "NotebookInstanceLifecycleConfigArn": config.arn,
        "CreationTime": config.created_at,
        "LastModifiedTime": config.modified_at,
    }


def _hooks(content: str) -> list[dict[str, str]]:
    return [{"Content": content}] if content else []
