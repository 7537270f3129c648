"""Permissions: the resource policies of functions, and what the evaluator reads of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.domain.access import ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.policies import FaultReason, PolicyFault, PolicyKind
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    PolicyLengthExceededException,
    ResourceConflictException,
    ResourceNotFoundException,
    wrong_revision,
)
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords, ResourcePolicy
from sagehen.services.lambda_.functions.state import Resource
from sagehen.services.lambda_.layers.records import LayerRecords
from sagehen.services.lambda_.names import (
    LATEST,
    FunctionReference,
    is_version,
    on_function,
    parse_layer,
    reference_of,
)

_POLICY_BYTES = 20_480
# AddPermission's members -> the condition keys that they become, in AWS's spelling (recorded).
# Nobody here is in an organization or sends Alexa's tokens: statements that ask for it allow nothing.
_EQUAL = {
    "SourceAccount": "AWS:SourceAccount",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "EventSourceToken": "lambda:EventSourceToken",
}
_ACCOUNT = re.compile(r"\d{12}")
_IAM_ARN = re.compile(r"arn:aws[a-zA-Z-]*:(iam|sts)::(\d{12}|cloudfront):.+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|internal)")
_NO_PRINCIPAL = "The provided principal was invalid. Please check the principal and try again."


def _principal_key(request: Request) -> dict[str, ConditionValue]:
    return {"lambda:Principal": request["Principal"]} if request.get("Principal") else {}


def principal_of(text: str) -> str | dict[str, str]:
    """Return the Principal element for what AddPermission names.

    Raises:
        InvalidParameterValueException.
    """
    if text == "*":
        return "*"
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _IAM_ARN.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise InvalidParameterValueException(_NO_PRINCIPAL)


def bound_statement(documents: ResourceDocuments, statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a statement as it is stored: with the unique id of the user or role that it names.

    Raises:
        InvalidParameterValueException: There is no such principal, or the action is none.
    """
    try:
        document = documents.stored(
            document_of({"Version": "2012-10-17", "Statement": [statement]}), PolicyKind.RESOURCE
        )
    except PolicyFault as fault:
        principal = fault.reason is FaultReason.PRINCIPAL
        raise InvalidParameterValueException(_NO_PRINCIPAL if principal else fault.message) from None
    stored: Mapping[str, Any] = json.loads(document)["Statement"][0]
    return stored


def document_of(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def without_statement(statements: Sequence[Mapping[str, Any]], sid: str) -> list[Mapping[str, Any]]:
    """Return the statements but one.

    Raises:
        ResourceNotFoundException: There is none of that id.
    """
    if not statements:
        raise ResourceNotFoundException("No policy is associated with the given resource.")
    kept = [one for one in statements if one["Sid"] != sid]
    if len(kept) == len(statements):
        raise ResourceNotFoundException(f"Statement {sid} is not found in resource policy.")
    return kept


class Permissions(Resource):
    """AddPermission, RemovePermission, GetPolicy."""

    @operation("AddPermission", access=on_function(conditions=_principal_key))
    async def add_permission(self, context: RequestContext, request: Request) -> Request:
        """Add a statement to the policy of a function, version or alias.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, PolicyLengthExceededException, NotImplementedOperation.
        """
        reference = reference_of(context, request)
        if reference.qualifier == LATEST:
            raise InvalidParameterValueException("We currently do not support adding policies for $LATEST.")
        self.state.records.require_function(reference.qualified(""))
        self._require_qualifier(reference)
        statement = _statement(reference, request)
        self._check_revision(reference, request)
        stored = bound_statement(self.state.documents, statement)

        def add(policy: ResourcePolicy | None) -> Sequence[Mapping[str, Any]]:
            present = policy.statements if policy else ()
            if any(one["Sid"] == statement["Sid"] for one in present):
                raise ResourceConflictException(
                    f"The statement id ({statement['Sid']}) provided already exists. Please provide a new "
                    "statement id, or remove the existing statement."
                )
            statements = [*present, stored]
            if len(ResourcePolicy(statements).document()) > _POLICY_BYTES:
                raise PolicyLengthExceededException(
                    f"The final policy size is bigger than the limit ({_POLICY_BYTES})."
                )
            return statements

        await self.state.policies.change(reference, self.state.ids.uuid(), add)
        return {"Statement": document_of(statement)}

    @operation("RemovePermission", access=on_function())
    async def remove_permission(self, context: RequestContext, request: Request) -> Reply:
        """Remove a statement; the last one takes the policy with it.

        Raises:
            ResourceNotFoundException, PreconditionFailedException.
        """
        reference = reference_of(context, request)
        if self.state.records.function(reference) is None:
            raise ResourceNotFoundException(f"No policy found for: {reference.unqualified_arn}")
        self._require_qualifier(reference)
        self._check_revision(reference, request)

        def remove(policy: ResourcePolicy | None) -> Sequence[Mapping[str, Any]]:
            return without_statement(policy.statements if policy else (), request["StatementId"])

        await self.state.policies.change(reference, self.state.ids.uuid(), remove)
        return Reply({}, status=204)

    @operation("GetPolicy", access=on_function())
    async def get_policy(self, context: RequestContext, request: Request) -> Request:
        """Return the policy of a function, version or alias.

        Raises:
            ResourceNotFoundException: Also where there is no such version or alias.
        """
        reference = reference_of(context, request)
        self.state.records.require_function(reference.qualified(""))
        plain = reference.qualified("") if reference.qualifier == LATEST else reference
        policy = self.state.policies.get(plain)
        if policy is None:
            raise ResourceNotFoundException("The resource you requested does not exist.")
        shown = self.state.documents.shown(policy.document())
        return {"Policy": shown, "RevisionId": self._revision_id(plain)}

    def _require_qualifier(self, reference: FunctionReference) -> None:
        """Raise ResourceNotFoundException where the version or alias is not there."""
        qualifier = reference.qualifier or LATEST
        if is_version(qualifier) or "$" in qualifier:
            self.state.records.require_version(reference, qualifier)
        else:
            self.state.aliases.require(reference)

    def _revision_id(self, reference: FunctionReference) -> str:
        qualifier = reference.qualifier or LATEST
        if is_version(qualifier):
            return self.state.records.require_version(reference, qualifier).revision_id
        return self.state.aliases.require(reference).revision_id

    def _check_revision(self, reference: FunctionReference, request: Request) -> None:
        if request.get("RevisionId") not in (None, self._revision_id(reference)):
            raise wrong_revision("GetPolicy")


def _statement(reference: FunctionReference, request: Request) -> dict[str, Any]:
    unbuilt = ("FunctionUrlAuthType", "InvokedViaFunctionUrl")
    if given := [name for name in unbuilt if request.get(name)]:
        raise NotImplementedOperation(f"AddPermission {', '.join(given)} is not implemented.")
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": principal_of(request["Principal"]),
        "Action": request["Action"],
        "Resource": reference.arn,
    }
    equal = {key: request[member] for member, key in _EQUAL.items() if request.get(member)}
    conditions: dict[str, dict[str, str]] = {"StringEquals": equal} if equal else {}
    if source := request.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": source}
    if conditions:
        statement["Condition"] = conditions
    return statement


class StoredResourcePolicies:
    """Implements `ports.ResourcePolicies` for functions and layers."""

    def __init__(self, policies: PolicyRecords, layers: LayerRecords) -> None:
        self._policies = policies
        self._layers = layers

    def resource_policy(self, resource_arn: str) -> str | None:
        arn = Arn.parse(resource_arn)
        scope = Scope(arn.account_id, arn.region)
        kind, _, rest = arn.resource.partition(":")
        if kind == "function":
            name, _, qualifier = rest.partition(":")
            # $LATEST has no policy of its own: who may invoke the function may invoke it.
            reference = FunctionReference(scope, name, "" if qualifier == LATEST else qualifier)
            return self._policies.document(reference)
        if kind == "layer" and rest.rpartition(":")[2].isdigit():
            layer = self._layers.get(parse_layer(scope, resource_arn))
            if layer is not None and layer.statements:
                return ResourcePolicy(layer.statements).document()
        return None

    def resource_owner(self, resource_arn: str) -> str | None:
        return None  # ARNs of Lambda say it
