"""Functions: create, describe, list, reconfigure, delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access, ConditionValue
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions import configuration
from sagehen.services.lambda_.functions.access import tag_conditions
from sagehen.services.lambda_.functions.configuration import listed
from sagehen.services.lambda_.functions.roles import SERVICE
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.state import LambdaState, Resource, require_settled
from sagehen.services.lambda_.names import (
    LATEST,
    FunctionReference,
    number_of,
    on_function,
    parse_layer,
    parse_reference,
    reference_of,
    require_name_length,
)

_PAGE = 50


def _layer_accesses(context: RequestContext, request: Request) -> Iterator[Access]:
    for arn in request.get("Layers") or ():
        yield Access("lambda:GetLayerVersion", parse_layer(context.scope, arn).arn)


def _chosen(request: Request) -> dict[str, ConditionValue]:
    """Return the condition keys of what a configuration chooses: its layers and its network."""
    network = request.get("VpcConfig") or {}
    lists = {
        "lambda:Layer": request.get("Layers"),
        "lambda:SecurityGroupIds": network.get("SecurityGroupIds"),
        "lambda:SubnetIds": network.get("SubnetIds"),
    }
    return {key: tuple(values) for key, values in lists.items() if values}


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    reference = parse_reference(context.scope, request["FunctionName"])
    keys = tag_conditions(request.get("Tags"))
    yield Access("lambda:CreateFunction", reference.unqualified_arn, {**keys, **_chosen(request)})
    if keys:
        yield Access("lambda:TagResource", reference.unqualified_arn, keys)
    yield from _layer_accesses(context, request)


def _reconfiguration(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = reference_of(context, request).unqualified_arn
    yield Access("lambda:UpdateFunctionConfiguration", arn, _chosen(request))
    yield from _layer_accesses(context, request)


class Functions(Resource):
    """CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions,
    UpdateFunctionConfiguration, DeleteFunction."""

    @operation("CreateFunction", access=_creation)
    async def create_function(self, context: RequestContext, request: Request) -> Request:
        """Store a function; its code is unpacked in the background, then it is Active.

        Raises:
            ResourceConflictException: The name is taken.
            InvalidParameterValueException, NotImplementedOperation, RequestEntityTooLargeException,
            CodeStorageExceededException.
            AccessDenied: The caller may not pass the role.
        """
        state = self.state
        reference = parse_reference(context.scope, request["FunctionName"])
        require_name_length(reference)
        if reference.qualifier or reference.scope != context.scope:
            raise InvalidParameterValueException(f"Invalid function name: {request['FunctionName']}")
        kept = configuration.new_configuration(request, state.environments.runtimes())
        _accept_role(state, context, kept["Role"])
        package = await state.packages.take(context, request["Code"])
        kept["Layers"] = state.layers.chosen(context, request.get("Layers") or [], package.unzipped_size)
        record = VersionRecord(
            reference=reference.qualified(LATEST),
            revision_id=state.ids.uuid(),
            revision=state.ids.uuid(),
            modified_at=state.clock.now(),
            code_sha=package.sha,
            code_size=package.size,
            unzipped_size=package.unzipped_size,
            configuration=kept,
            state="Pending",
            update_status="InProgress",
        )
        published = state.first_version(record) if request.get("Publish") else None
        await state.records.create(record, request.get("Tags") or {}, published)
        for one in (record, published):
            if one is not None:
                state.preparations.begin(one)
        # Recorded: the ARN is the function's, also where version 1 is what is told of.
        return state.shown(published or record, qualified=False)

    @operation("GetFunction", access=on_function())
    async def get_function(self, context: RequestContext, request: Request) -> Request:
        """Describe a function with a URL that its package can be fetched from for ten minutes.

        Raises:
            ResourceNotFoundException.
        """
        reference = reference_of(context, request)
        record = self.state.described(reference)
        function = self.state.records.require_function(reference)
        answer: Request = {
            "Configuration": self._as_asked(record, reference),
            "Code": {
                "RepositoryType": "S3",
                "Location": self.state.downloads.url(context, record.code_sha),
            },
        }
        if function.tags:
            answer["Tags"] = dict(function.tags)
        if function.reserved is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
        return answer

    @operation("GetFunctionConfiguration", access=on_function())
    async def get_function_configuration(self, context: RequestContext, request: Request) -> Request:
        reference = reference_of(context, request)
        return self._as_asked(self.state.described(reference), reference)

    def _as_asked(self, record: VersionRecord, reference: FunctionReference) -> Request:
        """Return a configuration with the ARN as the caller named it: qualified or not."""
        return self.state.shown(record) | {"FunctionArn": reference.arn}

    @operation("ListFunctions")
    async def list_functions(self, context: RequestContext, request: Request) -> Request:
        """List `$LATEST` of every function, or with FunctionVersion ALL every version."""
        if request.get("MasterRegion"):
            raise NotImplementedOperation("ListFunctions MasterRegion (Lambda@Edge) is not implemented.")
        every = request.get("FunctionVersion") == "ALL"
        listing, limit = f"functions {every}", request.get("MaxItems") or _PAGE
        after = sought(
            request.get("Marker"), (str, int), listing=listing, error=InvalidParameterValueException
        )
        found, whole = self.state.records.version_page(
            context.scope, every=every, after=None if after is None else (after[0], after[1]), limit=limit + 1
        )
        page = page_read(
            found,
            whole,
            limit,
            key=lambda record: (record.reference.name, number_of(record.version)),
            listing=listing,
        )
        found_here = [listed(record, qualified=every) for record in page.items]
        return {"Functions": found_here, "NextMarker": page.next_token}

    @operation("UpdateFunctionConfiguration", access=_reconfiguration)
    async def update_function_configuration(self, context: RequestContext, request: Request) -> Request:
        """Change `$LATEST`; environments of the old configuration take no more invocations.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, NotImplementedOperation.
        """
        state = self.state
        reference = reference_of(context, request).qualified("")
        current = state.records.require_version(reference, LATEST)
        runtimes = state.environments.runtimes()
        configuration.merged_configuration(current.configuration, request, runtimes)
        if request.get("Role"):
            _accept_role(state, context, request["Role"])
        layers = None
        if request.get("Layers") is not None:
            layers = state.layers.chosen(context, request["Layers"], current.unzipped_size)

        def change(record: VersionRecord) -> VersionRecord:
            require_settled(record, request.get("RevisionId"))
            merged = configuration.merged_configuration(record.configuration, request, runtimes)
            if layers is not None:
                merged["Layers"] = layers
            return state.updated(record, configuration=merged)

        record = await state.records.update(reference, change)
        state.preparations.begin(record)
        state.dispatch.drain(reference)
        return state.shown(record)

    @operation("DeleteFunction", access=on_function())
    async def delete_function(self, context: RequestContext, request: Request) -> Reply:
        """Delete a function, or with a Qualifier one of its versions, whether or not that one is there.

        Raises:
            ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException.
        """
        state = self.state
        reference = reference_of(context, request)
        if reference.qualifier == LATEST:
            raise InvalidParameterValueException(
                "$LATEST version cannot be deleted without deleting the function."
            )
        if reference.qualifier and not reference.qualifier.isdigit():
            raise InvalidParameterValueException("Deletion of aliases is not currently supported.")
        state.records.require_function(reference.qualified(""))
        if reference.qualifier:
            await state.records.delete_version(reference)
        else:
            await state.records.delete(reference)
        state.provisioning.reconcile_function(reference)
        state.dispatch.drain(reference)
        return Reply({}, status=204)


def _accept_role(state: LambdaState, context: RequestContext, role_arn: str) -> None:
    """Check that the caller may hand over the role and that Lambda may assume it.

    Raises:
        AccessDenied, InvalidParameterValueException.
    """
    state.roles.require_pass_role(context.principal, role_arn, SERVICE, context.condition_keys())
    if not state.roles.can_be_assumed_by(role_arn, SERVICE):
        raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")
