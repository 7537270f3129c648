"""STS: AssumeRole, GetSessionToken, GetFederationToken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind, SigningKey
from sagehen.services.iam.credentials.mfa_codes import MfaCodes
from sagehen.services.iam.entities.access import tag_conditions
from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import (
    InvalidParameterValue,
)
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.services.iam.sessions.answers import credentials_member, role_session_member
from sagehen.services.iam.sessions.of_roles import role_principal
from sagehen.services.iam.sessions.parameters import (
    HOUR_S,
    check_duration,
    packed_size,
    require_arn,
    session_policies,
    session_tags,
)
from sagehen.services.iam.sessions.records import SessionRecords

# Documented: STS API Reference, GetSessionToken and GetFederationToken: twelve hours where none is asked for,
# an hour at most for root.
_HALF_DAY_S = 43200


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

    def __init__(self, records: Records, sessions: SessionRecords, mfa: MfaCodes, clock: Clock) -> None:
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


def _require_long_lived(caller: Principal, operation_name: str) -> None:
    if caller.issued_at is not None:
        raise AccessDenied(f"Cannot call {operation_name} with session credentials")
