"""The policies of layer versions: who beside the owner may use one."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.lambda_.errors import ResourceNotFoundException, wrong_revision
from sagehen.services.lambda_.layers.records import LayerRecords, LayerVersion
from sagehen.services.lambda_.layers.requests import on_layer, version_named
from sagehen.services.lambda_.names import LayerReference
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.statements import (
    ResourcePolicy,
    Statement,
    allowing,
    bound,
    document_of,
    with_statement,
    without_statement,
)


class LayerPolicies:
    """AddLayerVersionPermission, GetLayerVersionPolicy, RemoveLayerVersionPermission."""

    def __init__(self, premises: Premises, records: LayerRecords) -> None:
        self._records = records
        self._documents = premises.documents
        self._ids = premises.ids

    @operation("AddLayerVersionPermission", access=on_layer(version=True))
    async def add_layer_version_permission(self, context: RequestContext, request: Request) -> Request:
        """Let another account, or everybody, use a version.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException.
        """
        if request.get("OrganizationId"):
            raise NotImplementedOperation("OrganizationId of a layer's permission is not implemented.")
        reference = version_named(context, request)
        statement = allowing(request["StatementId"], request["Principal"], request["Action"], reference.arn)
        stored = bound(self._documents, statement)

        def add(layer: LayerVersion | None) -> Sequence[Statement]:
            return with_statement(_checked(layer, reference, request).statements, stored)

        revision_id = self._ids.uuid()
        await self._records.change_policy(reference, revision_id, add)
        return {"Statement": document_of(statement), "RevisionId": revision_id}

    @operation("GetLayerVersionPolicy", access=on_layer(version=True))
    async def get_layer_version_policy(self, context: RequestContext, request: Request) -> Request:
        """Return a version's policy.

        Raises:
            ResourceNotFoundException: There is no such version, or it has no policy: in other words.
        """
        reference = version_named(context, request)
        layer = self._records.get(reference)
        if layer is None:
            raise _no_such_version(reference)
        if not layer.statements:
            raise ResourceNotFoundException("No policy is associated with the given resource.")
        return {
            "Policy": self._documents.shown(ResourcePolicy(layer.statements).document()),
            "RevisionId": layer.revision_id,
        }

    @operation("RemoveLayerVersionPermission", access=on_layer(version=True))
    async def remove_layer_version_permission(self, context: RequestContext, request: Request) -> Reply:
        """Remove a statement.

        Raises:
            ResourceNotFoundException, PreconditionFailedException.
        """
        reference = version_named(context, request)

        def remove(layer: LayerVersion | None) -> Sequence[Statement]:
            checked = _checked(layer, reference, request)
            return without_statement(checked.statements, request["StatementId"])

        await self._records.change_policy(reference, self._ids.uuid(), remove)
        return Reply({}, status=204)


def _no_such_version(reference: LayerReference) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Layer version {reference.arn} does not exist.")


def _checked(layer: LayerVersion | None, reference: LayerReference, request: Request) -> LayerVersion:
    if layer is None:
        raise _no_such_version(reference)
    if request.get("RevisionId") not in (None, layer.revision_id):
        # From memory; AWS's message names an operation that is called otherwise.
        raise wrong_revision("GetLayerPolicy")
    return layer
