"""Who asks: principals, and the credentials that prove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class PrincipalKind(Enum):
    ROOT = "root"
    USER = "user"
    ASSUMED_ROLE = "assumed-role"
    FEDERATED_USER = "federated-user"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Principal:
    """The identity behind one request.

    Args:
        kind: What sort of identity it is.
        arn: The ARN that error texts and `aws:PrincipalArn`-like checks name: for a session
            `arn:aws:sts::ACCT:assumed-role/NAME/SESSION`, for a service its name
            (`sagemaker.amazonaws.com`), for nobody `*`.
        account_id: The account it belongs to; '' for services and nobody.
        user_id: AWS's `aws:userid`: `AIDA…` for a user, `AROA…:SESSION` for a role session.
        name: User name or role name; '' otherwise.
        role_arn: The role behind a session, with its path.
        session_name: The session's own name.
        session_policies: Policy documents (JSON text) that narrow this session.
        session_tags: `aws:PrincipalTag/…` values that came with the session.
        transitive_tag_keys: Those session tags that go on into roles assumed from this session.
        source_identity: `aws:SourceIdentity` of the session.
        issued_at: When the temporary credentials were made; None for long-lived keys.
        access_key_id: The key that proved it; '' where no request was signed.
    """

    kind: PrincipalKind
    arn: str
    account_id: str
    user_id: str = ""
    name: str = ""
    role_arn: str | None = None
    session_name: str | None = None
    session_policies: tuple[str, ...] = ()
    session_tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    issued_at: datetime | None = None
    access_key_id: str = ""

    @property
    def is_root(self) -> bool:
        return self.kind is PrincipalKind.ROOT


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, arn="*", account_id="")


def service_principal(name: str) -> Principal:
    """Return the principal of an AWS service, such as `sagemaker.amazonaws.com`."""
    return Principal(PrincipalKind.SERVICE, arn=name, account_id="", user_id=name, name=name)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client signs with. `expiration` is None for long-lived access keys."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expiration: datetime | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables by which every AWS SDK finds these credentials."""
        variables = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }
        if self.session_token:
            variables["AWS_SESSION_TOKEN"] = self.session_token
        return variables


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An access key as the front door needs it: what to verify with, and who it proves."""

    credentials: Credentials
    principal: Principal
    active: bool = True
