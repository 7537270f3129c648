"""Who asks: principals, and the credentials that prove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import sha256


class PrincipalKind(Enum):
    """What sort of identity asks, by the name of its ARN's resource where it has one."""

    ROOT = "root"
    USER = "user"
    ASSUMED_ROLE = "assumed-role"
    FEDERATED_USER = "federated-user"
    WEB_IDENTITY = "web-identity"  # proved by an OIDC token; `name` is the provider's ARN
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
        issuer_id: Of a federated user: the unique id of the user who asked for the session; '' for root.
        federated_provider: The ARN of the identity provider through which a role was assumed, or ''.
        mfa_at: When the session's one-time password was checked; None without MFA.
        by_console: A session that the console opened: nothing is closed to it for being temporary.
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
    issuer_id: str = ""
    federated_provider: str = ""
    mfa_at: datetime | None = None
    by_console: bool = False

    @property
    def owner_id(self) -> str:
        """The unique id of the user or role whose policies count; '' for root, services and nobody."""
        if self.kind in (PrincipalKind.USER, PrincipalKind.ASSUMED_ROLE):
            return self.user_id.partition(":")[0]
        return self.issuer_id

    @property
    def is_root(self) -> bool:
        return self.kind is PrincipalKind.ROOT


def canonical_id(account_id: str) -> str:
    """Return the canonical user id by which S3 knows an account: 64 hex digits."""
    return sha256(f"sagehen canonical user {account_id}".encode()).hexdigest()


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, arn="*", account_id="")


def root_principal(account_id: str, access_key_id: str = "") -> Principal:
    """Return the principal of an account's root user."""
    return Principal(
        PrincipalKind.ROOT,
        arn=f"arn:aws:iam::{account_id}:root",
        account_id=account_id,
        user_id=account_id,
        access_key_id=access_key_id,
    )


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
