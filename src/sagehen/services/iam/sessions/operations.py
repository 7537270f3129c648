"""STS: AssumeRole, GetSessionToken, GetFederationToken."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind, SigningKey
from sagehen.services.iam.credentials.mfa_devices import MfaDevices
from sagehen.services.iam.entities.access import tag_conditions
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.tags import checked_tags
from sagehen.services.iam.errors import (
    InvalidInput,
    InvalidParameterValue,
    PackedPolicyTooLarge,
    ValidationError,
)
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.services.iam.sessions.of_roles import role_principal
from sagehen.services.iam.sessions.records import SessionRecords

_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
HOUR_S = 3600
_HALF_DAY_S = 43200
# AWS packs session policies and tags into a binary format with an undisclosed limit; compressed
# JSON against this many bytes comes near it.
_PACKED_LIMIT = 2048
# In characters and in number; AssumeRole's own model has neither bound, its page has both.
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_MAX_SESSION_POLICY = 2048
_MAX_POLICY_ARNS = 10


def _assuming(owner: TemporaryCredentials, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = request["RoleArn"]
    require_arn(arn)
    conditions: dict[str, ConditionValue] = {
        "sts:RoleSessionName": request["RoleSessionName"],
        **tag_conditions(request.get("Tags")),
    }
    if "ExternalId" in request:
        conditions["sts:ExternalId"] = request["ExternalId"]
    if "SourceIdentity" in request:
        conditions["sts:SourceIdentity"] = request["SourceIdentity"]
    if owner.mfa.check_code(context.principal, request.get("SerialNumber"), request.get("TokenCode")):
        conditions["aws:MultiFactorAuthPresent"] = "true"
        conditions["aws:MultiFactorAuthAge"] = "0"
    if request.get("TransitiveTagKeys"):
        conditions["sts:TransitiveTagKeys"] = tuple(request["TransitiveTagKeys"])
    yield Access("sts:AssumeRole", arn, conditions)
    if request.get("Tags"):
        yield Access("sts:TagSession", arn, conditions)
    if "SourceIdentity" in request:
        yield Access("sts:SetSourceIdentity", arn, conditions)


def _no_right_needed(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield from ()


def _federating(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = f"arn:aws:sts::{context.scope.account_id}:federated-user/{request['Name']}"
    conditions = tag_conditions(request.get("Tags"))
    yield Access("sts:GetFederationToken", arn, conditions)
    if request.get("Tags"):
        yield Access("sts:TagSession", arn, conditions)


class TemporaryCredentials:
    """Sessions of roles, users and federated users."""

    def __init__(self, records: Records, sessions: SessionRecords, mfa: MfaDevices, clock: Clock) -> None:
        self.mfa = mfa
        self._records = records
        self._policies = PolicyRecords(records)
        self._sessions = sessions
        self._clock = clock

    @operation("AssumeRole", access=_assuming)
    async def assume_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("ProvidedContexts"):
            raise NotImplementedOperation("AssumeRole ProvidedContexts is not implemented.")
        caller, role = context.principal, self._records.by_arn(request["RoleArn"])
        if role is None or role.kind is not Kind.ROLE:  # deleted since it was authorized
            raise AccessDenied(
                f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource:"
                f" {request['RoleArn']}"
            )
        duration_s = request.get("DurationSeconds", HOUR_S)
        check_duration(caller, role, duration_s)
        policies = session_policies(self._policies, request, role.account_id)
        inherited = {
            key: value for key, value in caller.session_tags.items() if key in caller.transitive_tag_keys
        }
        tags = session_tags(request)
        spelled = {key.lower(): key for key in tags}
        lowered = spelled.keys()
        wanted = {key.lower() for key in request.get("TransitiveTagKeys") or ()}
        transitive = tuple(spelled[key] for key in sorted(wanted & lowered))
        if wanted - lowered:
            raise InvalidParameterValue(
                "The specified transitive tag key must be included in the requested tags."
            )
        if lowered & {key.lower() for key in inherited}:
            raise InvalidParameterValue(
                "One of the specified transitive tag keys can't be set because it conflicts with a"
                " transitive tag key from the calling session."
            )
        packed = packed_size(policies, tags)
        principal = role_principal(
            role,
            request["RoleSessionName"],
            session_policies=policies,
            session_tags={**inherited, **tags},
            transitive_tag_keys=(*inherited, *transitive),
            # Once set, it stays through a chain of roles.
            source_identity=caller.source_identity or request.get("SourceIdentity", ""),
            mfa_at=await self._mfa(caller, request),
        )
        key = await self._sessions.open(principal, duration_s, request.get("MinimumSessionTokenSize", 0))
        return {**role_session_member(key), **packed}

    @operation("GetSessionToken", access=_no_right_needed)
    async def get_session_token(self, context: RequestContext, request: Request) -> dict[str, Any]:
        caller = context.principal
        _require_long_lived(caller, "GetSessionToken")
        mfa_at = await self._mfa(caller, request)
        principal = Principal(
            caller.kind, caller.arn, caller.account_id, caller.user_id, caller.name, mfa_at=mfa_at
        )
        return {"Credentials": credentials_member(await self._open(caller, principal, request))}

    @operation("GetFederationToken", access=_federating)
    async def get_federation_token(self, context: RequestContext, request: Request) -> dict[str, Any]:
        caller, name = context.principal, request["Name"]
        _require_long_lived(caller, "GetFederationToken")
        policies, tags = session_policies(self._policies, request, caller.account_id), session_tags(request)
        packed = packed_size(policies, tags)
        principal = Principal(
            PrincipalKind.FEDERATED_USER,
            arn=f"arn:aws:sts::{caller.account_id}:federated-user/{name}",
            account_id=caller.account_id,
            user_id=f"{caller.account_id}:{name}",
            name=caller.name,
            issuer_id=caller.owner_id,  # whose identity policies bound this session; '' for root
            session_name=name,
            session_policies=policies,
            session_tags=tags,
        )
        return {
            "Credentials": credentials_member(await self._open(caller, principal, request)),
            "FederatedUser": {"FederatedUserId": principal.user_id, "Arn": principal.arn},
            "PackedPolicySize": 0,
            **packed,
        }

    async def _mfa(self, caller: Principal, request: Request) -> datetime | None:
        """Take the request's one-time password, if it has one, and return the present.

        Raises:
            AccessDenied
        """
        serial, code = request.get("SerialNumber"), request.get("TokenCode")
        if not self.mfa.check_code(caller, serial, code):
            return None
        await self.mfa.use_code(caller, request["SerialNumber"], request["TokenCode"])
        return self._clock.now()

    async def _open(self, caller: Principal, principal: Principal, request: Request) -> SigningKey:
        """Open a user's or root's own session: root's end after an hour."""
        duration_s = request.get("DurationSeconds", _HALF_DAY_S)
        longest = HOUR_S if caller.is_root else duration_s
        size = request.get("MinimumSessionTokenSize", 0)
        return await self._sessions.open(principal, min(duration_s, longest), size)


def session_policies(policies: PolicyRecords, request: Request, account_id: str) -> tuple[str, ...]:
    """Return the documents that narrow the session.

    Raises:
        ValidationError, MalformedPolicyDocument
    """
    documents, descriptors = [], request.get("PolicyArns") or ()
    if len(descriptors) > _MAX_POLICY_ARNS:
        raise _too_long("policyArns", _MAX_POLICY_ARNS)
    for descriptor in descriptors:
        arn = descriptor.get("arn") or ""  # the model does not ask for it
        document = policies.managed_document(arn)
        if document is None or arn.split(":")[4] not in ("aws", account_id):
            raise ValidationError(f"Policy {arn} does not exist or is not attachable.")
        documents.append(document)
    if inline := request.get("Policy"):
        if len(inline) > _MAX_SESSION_POLICY:
            raise _too_long("policy", _MAX_SESSION_POLICY)
        parse_policy(inline)
        documents.append(inline)
    return tuple(documents)


def _too_long(member: str, limit: int) -> ValidationError:
    return ValidationError(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have"
        f" length less than or equal to {limit}"
    )


def require_arn(arn: str) -> None:
    """Refuse what is no ARN (recorded).

    Raises:
        ValidationError
    """
    if not _ARN.fullmatch(arn):
        raise ValidationError(f"{arn} is invalid")


def session_tags(request: Request) -> dict[str, str]:
    """Return the session tags of a request.

    Raises:
        InvalidParameterValue: STS's code for what IAM calls InvalidInput (recorded).
    """
    try:
        return checked_tags(request.get("Tags"), case=False)
    except InvalidInput as error:
        raise InvalidParameterValue(error.message) from None


def check_duration(caller: Principal, role: Entity, duration_s: int) -> None:
    if caller.kind is PrincipalKind.ASSUMED_ROLE and duration_s > HOUR_S:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role"
            " chaining."
        )
    if duration_s > role.max_session_s:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def _require_long_lived(caller: Principal, operation_name: str) -> None:
    if caller.issued_at is not None:
        raise AccessDenied(f"Cannot call {operation_name} with session credentials")


def packed_size(policies: tuple[str, ...], tags: dict[str, str]) -> dict[str, int]:
    """Return PackedPolicySize in percent where anything was packed.

    Raises:
        PackedPolicyTooLarge
    """
    if not policies and not tags:
        return {}
    packed = len(zlib.compress(json.dumps([policies, tags]).encode()))
    percent = max(1, packed * 100 // _PACKED_LIMIT)
    if percent > 100:
        raise PackedPolicyTooLarge(
            f"Packed size of session tags and policies consumes {percent}% of the allotted space."
        )
    return {"PackedPolicySize": percent}


def role_session_member(key: SigningKey) -> dict[str, Any]:
    """Return what all answers that open a role's session begin with."""
    principal = key.principal
    member: dict[str, Any] = {
        "Credentials": credentials_member(key),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": principal.arn},
    }
    if principal.source_identity:
        member["SourceIdentity"] = principal.source_identity
    return member


def credentials_member(key: SigningKey) -> dict[str, Any]:
    credentials = key.credentials
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expiration,
    }
