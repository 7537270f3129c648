"""Permissions: the operations on resource policies of functions, versions and aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import ConditionValue
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    PolicyLengthExceededException,
    ResourceNotFoundException,
    wrong_revision,
)
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.names import LATEST, FunctionReference, is_version, on_function, reference_of
from sagehen.services.lambda_.statements import (
    ResourcePolicy,
    Statement,
    allowing,
    bound,
    document_of,
    with_statement,
    without_statement,
)

# Documented: Lambda quotas, "Resource-based policy: 20 KB".
_POLICY_BYTES = 20_480
# AddPermission's members -> the condition keys that they become, in AWS's spelling (recorded).
# Nobody here is in an organization or sends Alexa's tokens: statements that ask for it allow nothing.
_EQUAL = {
    "SourceAccount": "AWS:SourceAccount",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "EventSourceToken": "lambda:EventSourceToken",
    "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
}

# Members about function URLs -> the one action whose statements have such a condition.
_URL_MEMBERS = {
    "FunctionUrlAuthType": "lambda:InvokeFunctionUrl",
    "InvokedViaFunctionUrl": "lambda:InvokeFunction",
}


def _principal_key(request: Request) -> dict[str, ConditionValue]:
    return {"lambda:Principal": request["Principal"]} if request.get("Principal") else {}


class Permissions:
    """AddPermission, RemovePermission, GetPolicy."""

    def __init__(
        self,
        policies: PolicyRecords,
        records: FunctionRecords,
        aliases: AliasRecords,
        documents: ResourceDocuments,
        ids: Ids,
    ) -> None:
        self._policies = policies
        self._records = records
        self._aliases = aliases
        self._documents = documents
        self._ids = ids

    @operation("AddPermission", access=on_function(conditions=_principal_key))
    async def add_permission(self, context: RequestContext, request: Request) -> Request:
        """Add a statement to the policy of a function, version or alias.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, PolicyLengthExceededException.
        """
        reference = reference_of(context, request)
        if reference.qualifier == LATEST:
            # Documented: "Lambda does not support adding policies to version $LATEST"; text recorded.
            raise InvalidParameterValueException("We currently do not support adding policies for $LATEST.")
        self._records.require_function(reference.qualified(""))
        self._require_qualifier(reference)
        statement = _statement(reference, request)
        self._check_revision(reference, request)
        stored = bound(self._documents, statement)

        def add(policy: ResourcePolicy | None) -> Sequence[Statement]:
            statements = with_statement(policy.statements if policy else (), stored)
            # Counted as it would be stored (from memory); people report the text with the number.
            if len(ResourcePolicy(statements).document()) > _POLICY_BYTES:
                raise PolicyLengthExceededException(
                    f"The final policy size is bigger than the limit ({_POLICY_BYTES})."
                )
            return statements

        await self._policies.change(reference, self._ids.uuid(), add)
        return {"Statement": document_of(statement)}

    @operation("RemovePermission", access=on_function())
    async def remove_permission(self, context: RequestContext, request: Request) -> Reply:
        """Remove a statement; the last one takes the policy with it.

        Raises:
            ResourceNotFoundException, PreconditionFailedException.
        """
        reference = reference_of(context, request)
        # Recorded: other words than AddPermission's and GetPolicy's where the function is not there.
        if self._records.function(reference) is None:
            raise ResourceNotFoundException(f"No policy found for: {reference.unqualified_arn}")
        self._require_qualifier(reference)
        self._check_revision(reference, request)

        def remove(policy: ResourcePolicy | None) -> Sequence[Statement]:
            return without_statement(policy.statements if policy else (), request["StatementId"])

        await self._policies.change(reference, self._ids.uuid(), remove)
        return Reply({}, status=204)

    @operation("GetPolicy", access=on_function())
    async def get_policy(self, context: RequestContext, request: Request) -> Request:
        """Return the policy of a function, version or alias.

        Raises:
            ResourceNotFoundException: Also where there is no such version or alias.
        """
        reference = reference_of(context, request)
        self._records.require_function(reference.qualified(""))
        plain = reference.qualified("") if reference.qualifier == LATEST else reference
        policy = self._policies.get(plain)
        if policy is None:
            raise ResourceNotFoundException("The resource you requested does not exist.")
        shown = self._documents.shown(policy.document())
        return {"Policy": shown, "RevisionId": self._revision_id(plain)}

    def _require_qualifier(self, reference: FunctionReference) -> None:
        """Raise ResourceNotFoundException where the version or alias is not there."""
        qualifier = reference.qualifier or LATEST
        if is_version(qualifier) or "$" in qualifier:
            self._records.require_version(reference, qualifier)
        else:
            self._aliases.require(reference)

    def _revision_id(self, reference: FunctionReference) -> str:
        qualifier = reference.qualifier or LATEST
        if is_version(qualifier):
            return self._records.require_version(reference, qualifier).revision_id
        return self._aliases.require(reference).revision_id

    def _check_revision(self, reference: FunctionReference, request: Request) -> None:
        if request.get("RevisionId") not in (None, self._revision_id(reference)):
            raise wrong_revision("GetPolicy")


def _check_url_members(request: Request) -> None:
    """Refuse members about function URLs where the action has no such key.

    Raises:
        InvalidParameterValueException: In the words that people report for the first of them.
    """
    for member, action in _URL_MEMBERS.items():
        if request.get(member) is not None and request["Action"] != action:
            raise InvalidParameterValueException(f"{member} is only supported for {action} action")


def _statement(reference: FunctionReference, request: Request) -> dict[str, Any]:
    statement = allowing(request["StatementId"], request["Principal"], request["Action"], reference.arn)
    equal = {key: request[member] for member, key in _EQUAL.items() if request.get(member)}
    conditions: dict[str, dict[str, str]] = {"StringEquals": equal} if equal else {}
    _check_url_members(request)
    via_url = request.get("InvokedViaFunctionUrl")
    if via_url is not None:  # documented, as is the operator
        conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": "true" if via_url else "false"}
    # Recorded: ARNs are compared with ArnLike, accounts and organizations with StringEquals.
    if source := request.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": source}
    if conditions:
        statement["Condition"] = conditions
    return statement
