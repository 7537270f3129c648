"""OIDC providers, and sessions for who proves an identity of one: against a real issuer on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.services.iam.errors import (
    EntityAlreadyExists,
    ExpiredTokenException,
    InvalidIdentityToken,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from sagehen.services.iam.federation import documents
from tests.oidc_issuer import Issuer
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, policy

ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


async def prepare(root: Caller, issuer: Issuer, *actions: str, **condition: Any) -> str:
    made = await root.call(
        "CreateOpenIDConnectProvider",
        Url=issuer.url,
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["a" * 40],
    )
    arn: str = made["OpenIDConnectProviderArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": ["sts:AssumeRoleWithWebIdentity", *actions],
        "Condition": {"StringLike": {f"{issuer.name}:sub": "repo:birds/*"}, **condition},
    }
    await root.call("CreateRole", RoleName="ci", AssumeRolePolicyDocument=policy(statement))
    await root.call(
        "PutRolePolicy", RoleName="ci", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers"))
    )
    return arn


async def assume(root: Caller, token: str, **request: Any) -> dict[str, Any]:
    return await root.sts(
        "AssumeRoleWithWebIdentity", RoleArn=ROLE, RoleSessionName="run", WebIdentityToken=token, **request
    )


async def test_a_session_for_who_proves_an_identity(root: Caller, issuer: Issuer, clock: ManualClock) -> None:
    aud = {"StringEquals": {f"{issuer.name}:aud": "sts.amazonaws.com"}}
    provider = await prepare(root, issuer, **aud)
    result = await assume(root, issuer.token(clock.now()))
    assert result["SubjectFromWebIdentityToken"] == "repo:birds/sage"
    assert result["Provider"] == provider == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"
    assert result["Audience"] == "sts.amazonaws.com"
    session = root.signing(result["Credentials"]["AccessKeyId"])
    assert session.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run"
    await session.call("ListUsers")
    federated = allow("iam:ListRoles", Condition={"StringEquals": {"aws:FederatedProvider": provider}})
    await root.call("PutRolePolicy", RoleName="ci", PolicyName="q", PolicyDocument=policy(federated))
    await session.call("ListRoles")
    asked = issuer.asked
    await assume(root, issuer.token(clock.now()))
    assert issuer.asked == asked  # keys are remembered


async def test_what_is_refused(root: Caller, issuer: Issuer, clock: ManualClock) -> None:
    await prepare(root, issuer)
    forger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elsewhere = issuer.token(clock.now(), iss="https://elsewhere.example.com")
    unsigned = jwt.encode(
        jwt.decode(issuer.token(clock.now()), options={"verify_signature": False}), None, "none"
    )
    shared = jwt.encode({**jwt.decode(unsigned, options={"verify_signature": False})}, "s" * 32, "HS256")
    cases: list[tuple[str, type[Exception], str]] = [
        ("token", InvalidIdentityToken, "is not a valid JWT"),
        (issuer.token(clock.now(), signer=forger), InvalidIdentityToken, "Invalid signature"),
        (unsigned, InvalidIdentityToken, "algorithm is not supported"),
        (shared, InvalidIdentityToken, "algorithm is not supported"),
        (elsewhere, InvalidIdentityToken, "No OpenIDConnect provider found in your account for https://els"),
        (issuer.token(clock.now(), aud="other"), InvalidIdentityToken, "Incorrect token audience"),
        (issuer.token(clock.now(), exp=None), InvalidIdentityToken, "Missing a required claim: exp"),
        (issuer.token(clock.now(), exp=1), ExpiredTokenException, "Token expired: current date/time"),
        (
            issuer.token(clock.now(), sub="repo:fish/x"),
            AccessDenied,
            "Not authorized to perform sts:AssumeRoleW",
        ),
    ]
    for token, error, message in cases:
        with pytest.raises(error) as caught:
            await assume(root, token)
        assert message in caught.value.message, message  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="exceeds the MaxSessionDuration"):
        await assume(root, issuer.token(clock.now()), DurationSeconds=43200)


async def test_other_roles_do_not_trust_the_provider(
    root: Caller, issuer: Issuer, clock: ManualClock
) -> None:
    await prepare(root, issuer)
    everyone = policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"})
    await root.call("UpdateAssumeRolePolicy", RoleName="ci", PolicyDocument=everyone)
    for arn in (ROLE, f"arn:aws:iam::{ACCOUNT}:role/nosuch"):
        with pytest.raises(AccessDenied, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
            await root.sts(
                "AssumeRoleWithWebIdentity",
                RoleArn=arn,
                RoleSessionName="run",
                WebIdentityToken=issuer.token(clock.now()),
            )


async def test_an_issuer_changes_its_keys(
    root: Caller, issuer: Issuer, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepare(root, issuer)
    await assume(root, issuer.token(clock.now()))
    issuer.keys = {"two": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
    with pytest.raises(InvalidIdentityToken, match="Invalid signature"):  # not asked again at once
        await assume(root, issuer.token(clock.now(), key="two"))
    await clock.advance(10)
    await assume(root, issuer.token(clock.now(), key="two"))
    issuer.broken = True
    await clock.advance(400)
    for limit in (documents._MAX_BYTES, 10):
        monkeypatch.setattr(documents, "_MAX_BYTES", limit)
        with pytest.raises(InvalidIdentityToken, match="Couldn't retrieve verification key"):
            await assume(root, issuer.token(clock.now(), key="two"))
        issuer.broken = False
        await clock.advance(10)


async def test_tags_and_source_identity_of_a_token(root: Caller, issuer: Issuer, clock: ManualClock) -> None:
    claim = {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]}
    claims = {"https://aws.amazon.com/tags": claim, "https://aws.amazon.com/source_identity": "ann"}
    await prepare(root, issuer, "sts:TagSession", "sts:SetSourceIdentity")
    result = await assume(root, issuer.token(clock.now(), **claims))
    principal = root.signing(result["Credentials"]["AccessKeyId"]).principal
    assert principal.session_tags == {"team": "red"}
    assert principal.transitive_tag_keys == ("team",)
    assert result["SourceIdentity"] == principal.source_identity == "ann"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity"}
    await root.call("UpdateAssumeRolePolicy", RoleName="ci", PolicyDocument=policy(statement))
    await assume(root, issuer.token(clock.now()))
    with pytest.raises(AccessDenied):  # without sts:TagSession no tags
        await assume(root, issuer.token(clock.now(), **claims))


async def test_providers(root: Caller) -> None:
    assert await root.call("ListOpenIDConnectProviders") == {"OpenIDConnectProviderList": []}
    for url in ("example.org", "http://example.org", "https://", "https://u@example.org", "https://e.org?q"):
        with pytest.raises(ValidationError, match="Invalid Open ID Connect Provider URL"):
            await root.call("CreateOpenIDConnectProvider", Url=url)
    url = "https://example.org/path"
    with pytest.raises(InvalidInput, match="Thumbprint list must contain fewer than 5 entries"):
        await root.call("CreateOpenIDConnectProvider", Url=url, ThumbprintList=["a" * 40] * 6)
    with pytest.raises(LimitExceeded, match="ClientIdsPerOpenIdConnectProvider: 100"):
        await root.call("CreateOpenIDConnectProvider", Url=url, ClientIDList=[str(n) for n in range(101)])
    made = await root.call("CreateOpenIDConnectProvider", Url=url)
    which = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    with pytest.raises(EntityAlreadyExists, match=f"Provider with url {url} already exists"):
        await root.call("CreateOpenIDConnectProvider", Url=url)
    await root.call("AddClientIDToOpenIDConnectProvider", **which, ClientID="one")
    await root.call("UpdateOpenIDConnectProviderThumbprint", **which, ThumbprintList=["b" * 40])
    tags = [{"Key": "k2", "Value": "v2"}, {"Key": "k1", "Value": "v1"}]
    await root.call("TagOpenIDConnectProvider", **which, Tags=tags)
    got = await root.call("GetOpenIDConnectProvider", **which)
    assert got.pop("CreateDate")
    assert got == {
        "Url": "example.org/path",
        "ClientIDList": ["one"],
        "ThumbprintList": ["b" * 40],
        "Tags": tags[::-1],
    }
    await root.call("UntagOpenIDConnectProvider", **which, TagKeys=["k1"])
    assert (await root.call("ListOpenIDConnectProviderTags", **which))["Tags"] == tags[:1]
    await root.call("RemoveClientIDFromOpenIDConnectProvider", **which, ClientID="one")
    await root.call("DeleteOpenIDConnectProvider", **which)
    with pytest.raises(NoSuchEntity, match="OpenIDConnect Provider not found for arn"):
        await root.call("GetOpenIDConnectProvider", **which)
    with pytest.raises(NoSuchEntity, match=r"OpenId connect Provider .* cannot be found\."):
        await root.call("DeleteOpenIDConnectProvider", **which)


async def test_saml_providers(root: Caller) -> None:
    document = (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x" '
        'validUntil="2030-01-01T00:00:00Z"/>'
    )
    for wrong in ("no xml", "<a/>", f"<!DOCTYPE a [<!ENTITY x 'y'>]>{document}"):
        with pytest.raises(InvalidInput, match="Could not parse metadata"):
            await root.call("CreateSAMLProvider", Name="idp", SAMLMetadataDocument=wrong)
    arn = (await root.call("CreateSAMLProvider", Name="idp", SAMLMetadataDocument=document))[
        "SAMLProviderArn"
    ]
    for call, named in (
        ("CreateSAMLProvider", {"Name": "two", "SAMLMetadataDocument": document}),
        ("UpdateSAMLProvider", {"SAMLProviderArn": arn}),
    ):
        for encryption in ({"AssertionEncryptionMode": "Required"}, {"AddPrivateKey": "key"}):
            with pytest.raises(NotImplementedOperation):
                await root.call(call, **named, **encryption)
    got = await root.call("GetSAMLProvider", SAMLProviderArn=arn)
    assert (got["SAMLMetadataDocument"], got["ValidUntil"].year, got["Tags"]) == (document, 2030, [])
    (listed,) = (await root.call("ListSAMLProviders"))["SAMLProviderList"]
    assert listed["Arn"] == arn
    await root.call("DeleteSAMLProvider", SAMLProviderArn=arn)
    with pytest.raises(NoSuchEntity, match=f"Manifest not found for arn {arn}"):
        await root.call("DeleteSAMLProvider", SAMLProviderArn=arn)
