"""Sessions as STS answers them."""

from __future__ import annotations

from typing import Any

from sagehen.domain.identity import SigningKey


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
    """Return the Credentials structure; the only time that the secret is shown."""
    credentials = key.credentials
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        "SessionToken": credentials.session_token,
        "Expiration": credentials.expiration,
    }
