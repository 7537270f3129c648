"""AssumeRoleWithWebIdentity: a session of a role for who proves an identity of an OIDC provider."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.entities.access import tag_conditions
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import ExpiredTokenException, InvalidIdentityToken
from sagehen.services.iam.federation.identity_tokens import (
    IdentityToken,
    read_token,
    session_tags_of,
    verify,
)
from sagehen.services.iam.federation.issuer_keys import IssuerKeys, IssuerUnreachable
from sagehen.services.iam.federation.oidc_providers import provider_arn, without_scheme
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.services.iam.sessions.answers import role_session_member
from sagehen.services.iam.sessions.of_roles import role_principal
from sagehen.services.iam.sessions.parameters import (
    HOUR_S,
    check_duration,
    packed_size,
    require_arn,
    session_policies,
)
from sagehen.services.iam.sessions.records import SessionRecords

_ACTION = "sts:AssumeRoleWithWebIdentity"
# Documented: IAM User Guide, Monitor and control actions taken with assumed roles.
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"


def _by_the_token(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The caller is nobody: the token and the role's trust policy decide, in the handler."""
    yield from ()


class WebIdentity:
    """The one operation that nobody signs: the token says who asks, and the role's trust policy decides.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """

    def __init__(
        self, records: Records, sessions: SessionRecords, authorizer: PolicyAuthorizer, clock: Clock
    ) -> None:
        self._records = records
        self._objects = ObjectRecords(records)
        self._policies = PolicyRecords(records)
        self._sessions = sessions
        self._authorizer = authorizer
        self._keys = IssuerKeys(clock)
        self._clock = clock

    @operation("AssumeRoleWithWebIdentity", access=_by_the_token, anonymous=True)
    async def assume_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a session.

        Raises:
            ValidationError, InvalidIdentityToken, ExpiredTokenException, AccessDenied,
            MalformedPolicyDocument, PackedPolicyTooLarge
        """
        if request.get("ProviderId"):
            raise NotImplementedOperation("OAuth 2.0 providers (ProviderId) are not implemented.")
        require_arn(request["RoleArn"])
        token = await asyncio.to_thread(read_token, request["WebIdentityToken"])
        account_id = request["RoleArn"].split(":")[4]
        provider = self._provider(account_id, token)
        await self._verify(provider, token)
        role = self._records.by_arn(request["RoleArn"])
        if role is None or role.kind is not Kind.ROLE:
            raise _not_authorized()
        tags, transitive = session_tags_of(token)
        self._authorize(context, request, provider, token, role, tags)
        duration_s = request.get("DurationSeconds", HOUR_S)
        check_duration(ANONYMOUS, role, duration_s)  # no chain of roles, whoever calls
        policies = session_policies(self._policies, request, account_id)
        packed = packed_size(policies, tags)
        source = token.claims.get(_SOURCE_IDENTITY)
        principal = role_principal(
            role,
            request["RoleSessionName"],
            session_policies=policies,
            session_tags=tags,
            transitive_tag_keys=transitive,
            federated_provider=provider.name,
            source_identity=source if isinstance(source, str) else "",
        )
        key = await self._sessions.open(principal, duration_s, request.get("MinimumSessionTokenSize", 0))
        return {
            **role_session_member(key),
            "SubjectFromWebIdentityToken": token.subject,
            "Provider": provider.name,
            "Audience": token.audiences[0],
            **packed,
        }

    def _provider(self, account_id: str, token: IdentityToken) -> Stored:
        provider = self._objects.find(
            account_id, ObjectKind.OIDC_PROVIDER, provider_arn(account_id, token.issuer)
        )
        # The scheme counts too: keys of an http issuer must not speak for an https one.
        if provider is None or provider.body["url"].rstrip("/") != token.issuer.rstrip("/"):
            raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {token.issuer}")
        clients = set(provider.body["client_ids"])
        if not clients & {*token.audiences, token.authorized_party}:
            raise InvalidIdentityToken("Incorrect token audience")
        return provider

    async def _verify(self, provider: Stored, token: IdentityToken) -> None:
        try:
            keys = await self._keys.find(provider.body["url"], token.key_id)
        except IssuerUnreachable:
            raise InvalidIdentityToken(
                "Couldn't retrieve verification key from your identity provider,  please reference"
                " AssumeRoleWithWebIdentity documentation for requirements"
            ) from None
        await asyncio.to_thread(verify, token, keys)
        now, expiry = int(self._clock.now().timestamp()), int(token.claims["exp"])
        if now < int(token.claims.get("nbf", now)):
            raise InvalidIdentityToken("The ID Token is not valid yet")
        if now >= expiry:
            raise ExpiredTokenException(
                f"Token expired: current date/time {now} must be before the expiration date/time {expiry}"
            )

    def _authorize(
        self,
        context: RequestContext,
        request: Request,
        provider: Stored,
        token: IdentityToken,
        role: Entity,
        tags: dict[str, str],
    ) -> None:
        who = Principal(PrincipalKind.WEB_IDENTITY, arn=provider.name, account_id="", name=provider.name)
        name = without_scheme(provider.body["url"])
        conditions: dict[str, ConditionValue] = {
            f"{name}:sub": token.subject,
            # With an authorized party, it is what `aud` compares, and the audience is `oaud`.
            f"{name}:aud": token.authorized_party or token.audiences,
            f"{name}:oaud": token.audiences,
            "sts:RoleSessionName": request["RoleSessionName"],
            **tag_conditions([{"Key": key, "Value": value} for key, value in tags.items()]),
        }
        amr = token.claims.get("amr")
        if isinstance(amr, list) and all(isinstance(each, str) for each in amr):
            conditions[f"{name}:amr"] = tuple(amr)
        actions = [_ACTION, *(["sts:TagSession"] if tags else [])]
        if isinstance(token.claims.get(_SOURCE_IDENTITY), str):
            conditions["sts:SourceIdentity"] = token.claims[_SOURCE_IDENTITY]
            actions.append("sts:SetSourceIdentity")
        for action in actions:
            access = Access(action, role.arn, conditions)
            if not self._authorizer.is_allowed(who, access, context.condition_keys()):
                raise _not_authorized()


def _not_authorized() -> AccessDenied:
    return AccessDenied(f"Not authorized to perform {_ACTION}")
