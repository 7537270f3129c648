"""Notebook instances: the operations. What happens to them then is in `loop.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.instances.networks import NamedNetworks
from sagehen.services.sagemaker.notebooks import acceptance, condition_keys, states
from sagehen.services.sagemaker.notebooks.addresses import address
from sagehen.services.sagemaker.notebooks.code_repositories import cloning
from sagehen.services.sagemaker.notebooks.code_repositories.records import (
    CodeRepositoryRecords,
    missing,
    repository_arn,
)
from sagehen.services.sagemaker.notebooks.description import describe, summary
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance, Settings
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import LifecycleConfigRecords
from sagehen.services.sagemaker.notebooks.lifecycle_configs.scripts import config_arn
from sagehen.services.sagemaker.notebooks.loops import NotebookLoops
from sagehen.services.sagemaker.notebooks.records import NotebookRecords, no_instance
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights

_ARN = "notebook-instance/{NotebookInstanceName}"
Change = Callable[[NotebookInstance], NotebookInstance]


def _arn(context: RequestContext, request: Request) -> str:
    return arns.resource_arn(context.scope, "notebook-instance", request.get("NotebookInstanceName", ""))


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    keys = condition_keys.of_creation(request)
    yield from rights.creation("CreateNotebookInstance", _arn(context, request), request, keys)


def _update(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    keys = condition_keys.of_update(request)
    yield Access("sagemaker:UpdateNotebookInstance", _arn(context, request), keys)


class NotebookInstances:
    """CreateNotebookInstance, DescribeNotebookInstance, ListNotebookInstances, StartNotebookInstance,
    StopNotebookInstance, UpdateNotebookInstance, DeleteNotebookInstance.

    Args:
        records: Where they are.
        configs, repositories: What they may name.
        loops: Told of every change.
        roles: Whether a role may be handed over.
        networks: Whether there are such subnets and groups.
        clock: The platform's.
        ids: Of volumes.
    """

    def __init__(
        self,
        *,
        records: NotebookRecords,
        configs: LifecycleConfigRecords,
        repositories: CodeRepositoryRecords,
        loops: NotebookLoops,
        roles: Roles,
        networks: NamedNetworks,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._configs = configs
        self._repositories = repositories
        self._loops = loops
        self._roles = roles
        self._networks = networks
        self._clock = clock
        self._ids = ids

    @operation("CreateNotebookInstance", access=_creation)
    async def create_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Make an instance and start it: Pending until JupyterLab answers.

        Raises:
            ValidationException: The name is taken, or what is asked for cannot be.
            ResourceLimitExceeded: There are too many.
        """
        settings = acceptance.created(request)
        self._require_parts(context, settings)
        await self._require_network(context, settings)
        await sessions.accept(self._roles, context, settings.role_arn)
        now = self._clock.now()
        instance = NotebookInstance(
            scope=context.scope,
            name=request["NotebookInstanceName"],
            status="Pending",
            created_at=now,
            modified_at=now,
            label="",
            volume_id=self._ids.uuid(),
            settings=settings,
        )
        instance = await self._records.add(instance, request.get("Tags") or (), self._ids.text(4))
        self._loops.watch(instance)
        return {"NotebookInstanceArn": instance.arn}

    @operation("DescribeNotebookInstance", access=on(_ARN, lower=True))
    async def describe_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Tell an instance's state.

        Raises:
            ValidationException: There is none of that name.
        """
        instance = self._records.get(context.scope, request["NotebookInstanceName"])
        if instance is None:
            raise no_instance()
        return describe(instance, _url(context, instance))

    @operation("ListNotebookInstances")
    async def list_notebook_instances(self, context: RequestContext, request: Request) -> Request:
        """Return one page."""
        instances, token = self._records.page(context.scope, request)
        return {
            "NotebookInstances": [summary(one, _url(context, one)) for one in instances],
            "NextToken": token,
        }

    @operation("StartNotebookInstance", access=on(_ARN, lower=True))
    async def start_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Start one that is Stopped or Failed.

        Raises:
            ValidationException: There is none of that name, or it is in another state.
        """
        return await self._begin(context, request, states.START)

    @operation("StopNotebookInstance", access=on(_ARN, lower=True))
    async def stop_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Stop one that is InService; its volume stays.

        Raises:
            ValidationException: There is none of that name, or it is in another state.
        """
        return await self._begin(context, request, states.STOP)

    @operation("DeleteNotebookInstance", access=on(_ARN, lower=True))
    async def delete_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Delete one that is Stopped or Failed, with its volume.

        Raises:
            ValidationException: There is none of that name, or it is in another state.
        """
        return await self._begin(context, request, states.DELETE)

    @operation("UpdateNotebookInstance", access=_update)
    async def update_notebook_instance(self, context: RequestContext, request: Request) -> Request:
        """Change one that is Stopped or Failed: Updating, then Stopped; the next start has the change.

        Raises:
            ValidationException: There is none of that name, it is in another state, or what is asked for
                cannot be.
        """
        now = self._clock.now()

        def change(instance: NotebookInstance) -> NotebookInstance:
            begun = states.begun(instance, states.UPDATE, now)
            return replace(begun, settings=acceptance.changed(instance, request))

        existing = self._records.get(context.scope, request["NotebookInstanceName"])
        if existing is None:
            raise no_instance()
        changed = change(existing).settings
        self._require_parts(context, changed)
        await self._require_network(context, changed)
        if request.get("RoleArn"):
            await sessions.accept(self._roles, context, request["RoleArn"])
        return await self._change(context, request, change)

    async def _begin(
        self, context: RequestContext, request: Request, transition: states.Transition
    ) -> Request:
        now = self._clock.now()
        return await self._change(context, request, lambda instance: states.begun(instance, transition, now))

    async def _change(self, context: RequestContext, request: Request, change: Change) -> Request:
        changed = await self._records.change(context.scope, request["NotebookInstanceName"], change)
        if changed is None:
            raise no_instance()
        self._loops.watch(changed)
        return {}

    async def _require_network(self, context: RequestContext, settings: Settings) -> None:
        subnets = (settings.subnet_id,) if settings.subnet_id else ()
        await self._networks.require(context.scope, subnets, settings.security_groups)

    def _require_parts(self, context: RequestContext, settings: Settings) -> None:
        """Refuse names of what is not there.

        Raises:
            ValidationException: No such lifecycle configuration, or code repository.
        """
        name = settings.lifecycle_config
        if name and self._configs.get(context.scope, name) is None:
            # Recorded for Describe; here from memory.
            raise ValidationException(
                f"Unable to describe Notebook Instance Lifecycle Config '{config_arn(context.scope, name)}'. "
                "(Details: Notebook Instance Lifecycle Config does not exist.)"
            )
        for repository in acceptance.repositories_of(settings):
            if not cloning.is_url(repository) and self._repositories.get(context.scope, repository) is None:
                raise missing(repository_arn(context.scope, repository))


def _url(context: RequestContext, instance: NotebookInstance) -> str:
    return address(
        instance.label,
        instance.scope.region,
        host=context.host,
        secure=context.secure,
        from_sandbox=context.from_sandbox,
    )
