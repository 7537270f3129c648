"""IAM's and STS's answers over the wire where public recordings of AWS have them to the last member."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

EC2 = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
        ],
    }
)
BASICS = {"Arn", "AssumeRolePolicyDocument", "CreateDate", "Path", "RoleId", "RoleName"}


def answer(caught: pytest.ExceptionInfo[ClientError]) -> tuple[int, dict[str, str]]:
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]


@pytest.mark.parametrize("path", ["/", "/recorded/"])
def test_roles(client: ClientFactory, path: str) -> None:
    iam, name = client("iam"), f"recorded-{uuid.uuid4().hex[:8]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=EC2, Path=path)["Role"]
    try:
        assert set(role) == BASICS
        assert role["AssumeRolePolicyDocument"] == json.loads(EC2)
        found = iam.get_role(RoleName=name)["Role"]
        assert {key: found.pop(key) for key in ("MaxSessionDuration", "RoleLastUsed")} == {
            "MaxSessionDuration": 3600,
            "RoleLastUsed": {},
        }
        assert found == role
        (listed,) = (each for each in iam.list_roles(PathPrefix=path)["Roles"] if each["RoleName"] == name)
        assert listed == {**role, "MaxSessionDuration": 3600}
    finally:
        iam.delete_role(RoleName=name)


@pytest.mark.parametrize(
    ("user_exists", "service"),
    [
        (False, "codecommit.amazonaws.com"),
        (False, "nonexistentservice.amazonaws.com"),
        (True, "nonexistentservice.amazonaws.com"),
        (True, "o3on3n3onosneo"),
        (True, "lambda.amazonaws.com"),
    ],
)
def test_service_specific_credentials(client: ClientFactory, user_exists: bool, service: str) -> None:
    iam, name = client("iam"), f"recorded-{uuid.uuid4().hex[:8]}"
    if user_exists:
        iam.create_user(UserName=name)
    try:
        with pytest.raises(ClientError) as caught:
            iam.create_service_specific_credential(UserName=name, ServiceName=service)
    finally:
        if user_exists:
            iam.delete_user(UserName=name)
    words = (
        f"No such service {service} is supported for Service Specific Credentials"
        if user_exists
        else f"The user with name {name} cannot be found."
    )
    assert answer(caught) == (404, {"Type": "Sender", "Code": "NoSuchEntity", "Message": words})


@pytest.mark.parametrize(
    ("arn", "session"),
    [
        ("nothing-valid-in-here", "one"),
        ("arn::b:::something/test-role", "one"),
        ("arn:a::::something/test-role", "one"),
        ("arn:a:::something/test-role", "one"),
        ("arn:a:a::aaaaaaaaaa:", "one"),
    ],
)
def test_what_is_no_arn_of_a_role(client: ClientFactory, arn: str, session: str) -> None:
    with pytest.raises(ClientError) as caught:
        client("sts").assume_role(RoleArn=arn, RoleSessionName=session)
    words = f"{arn} is invalid"
    assert answer(caught) == (400, {"Type": "Sender", "Code": "ValidationError", "Message": words})


@pytest.mark.parametrize(
    ("session", "constraint"),
    [
        ("Session1:2", r"Member must satisfy regular expression pattern: [\w+=,.@-]*"),
        ("s" * 65, "Member must have length less than or equal to 64"),
    ],
)
def test_names_of_sessions(client: ClientFactory, session: str, constraint: str) -> None:
    sts = client("sts")
    arn = f"arn:aws:iam::{sts.get_caller_identity()['Account']}:role/any"
    with pytest.raises(ClientError) as caught:
        sts.assume_role(RoleArn=arn, RoleSessionName=session)
    words = (
        f"1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint:"
        f" {constraint}"
    )
    assert answer(caught) == (400, {"Type": "Sender", "Code": "ValidationError", "Message": words})


def test_a_marker_of_nobodys(client: ClientFactory) -> None:
    iam: Any = client("iam")
    for listing in (iam.list_virtual_mfa_devices, iam.list_roles, iam.list_users):
        with pytest.raises(ClientError) as caught:
            listing(Marker="invalid-marker-value")
        error = {"Type": "Sender", "Code": "ValidationError", "Message": "Invalid Marker."}
        assert answer(caught) == (400, error)


def test_every_limit_that_a_request_breaks_is_named(client: ClientFactory) -> None:
    with pytest.raises(ClientError) as caught:
        client("iam").update_account_password_policy(
            MinimumPasswordLength=129, PasswordReusePrevention=25, MaxPasswordAge=1096
        )
    status, error = answer(caught)
    assert (status, error["Code"]) == (400, "ValidationError")
    head, *rest = error["Message"].removeprefix("3 validation errors detected: ").split("; ")
    assert sorted([head, *rest]) == [
        f"Value at '{name}' failed to satisfy constraint: Member must have value less than or equal to {most}"
        for name, most in (
            ("maxPasswordAge", 1095),
            ("minimumPasswordLength", 128),
            ("passwordReusePrevention", 24),
        )
    ]


NOBODY = "The user with name nobody cannot be found."
# Operation, request, status, code, words. `{account}`, `{user}`, `{policy}` and `{oidc}` are filled in.
REFUSALS: list[tuple[str, dict[str, Any], int, str, str]] = [
    (
        "GetAccountPasswordPolicy", {}, 404, "NoSuchEntity",
        "The Password Policy with domain name {account} cannot be found.",
    ),
    (
        "DeleteAccountPasswordPolicy", {}, 404, "NoSuchEntity",
        "The account policy with name PasswordPolicy cannot be found.",
    ),
    (
        "CreateVirtualMFADevice", {"VirtualMFADeviceName": "{user}"}, 409, "EntityAlreadyExists",
        "MFA device already exists.",
    ),
    (
        "DeleteVirtualMFADevice", {"SerialNumber": "arn:aws:iam::{account}:mfa/none"}, 404, "NoSuchEntity",
        "MFA Device with serial number arn:aws:iam::{account}:mfa/none does not exist.",
    ),
    (
        "DeactivateMFADevice", {"UserName": "{user}", "SerialNumber": "arn:aws:iam::{account}:mfa/none"},
        404, "NoSuchEntity", "MFA Device with serial number arn:aws:iam::{account}:mfa/none does not exist.",
    ),
    (
        "DeactivateMFADevice", {"UserName": "nobody", "SerialNumber": "arn:aws:iam::{account}:mfa/none"},
        404, "NoSuchEntity", NOBODY,
    ),
    (
        "CreateOpenIDConnectProvider", {"Url": "https://{user}.example.com"}, 409, "EntityAlreadyExists",
        "Provider with url https://{user}.example.com already exists.",
    ),
    (
        "CreateOpenIDConnectProvider", {"Url": "https://two.example.com", "ThumbprintList": ["a" * 40] * 6},
        400, "InvalidInput", "Thumbprint list must contain fewer than 5 entries.",
    ),
    (
        "CreateOpenIDConnectProvider",
        {"Url": "https://two.example.com", "ClientIDList": [f"c{number}" for number in range(101)]},
        409, "LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    ),
    (
        "CreateOpenIDConnectProvider", {"Url": "example.com"}, 400, "ValidationError",
        "Invalid Open ID Connect Provider URL",
    ),
    (
        "GetOpenIDConnectProvider", {"OpenIDConnectProviderArn": "{oidc}s"}, 404, "NoSuchEntity",
        "OpenIDConnect Provider not found for arn {oidc}s",
    ),
    (
        "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": "{oidc}s"}, 404, "NoSuchEntity",
        "OpenId connect Provider {oidc}s cannot be found.",
    ),
    *(
        (
            f"{verb}SAMLProvider", {"SAMLProviderArn": "arn:aws:iam::{account}:saml-provider/none"},
            404, "NoSuchEntity", "Manifest not found for arn arn:aws:iam::{account}:saml-provider/none",
        )
        for verb in ("Get", "Delete")
    ),
    (
        "CreateLoginProfile", {"UserName": "{user}", "Password": "Tr0ub4dor&3"}, 409, "EntityAlreadyExists",
        "Login Profile for user {user} already exists.",
    ),
    ("CreateLoginProfile", {"UserName": "nobody", "Password": "Tr0ub4dor&3"}, 404, "NoSuchEntity", NOBODY),
    ("ListSSHPublicKeys", {"UserName": "nobody"}, 404, "NoSuchEntity", NOBODY),
    ("DeleteLoginProfile", {"UserName": "nobody"}, 404, "NoSuchEntity", NOBODY),
    (
        "DetachUserPolicy", {"UserName": "{user}", "PolicyArn": "{policy}"}, 404, "NoSuchEntity",
        "Policy {policy} was not found.",
    ),
    *(
        (
            f"{verb}PolicyVersion", {"PolicyArn": f"{{policy}}{other}", "VersionId": version},
            404, "NoSuchEntity",
            f"Policy {{policy}}{other} version {version} does not exist or is not attachable.",
        )
        for verb, other, version in (
            *(("Get", "s", "v1"), ("Get", "", "v9"), ("SetDefault", "s", "v1"), ("SetDefault", "", "v9")),
            ("Delete", "", "v9"),
        )
    ),
    (
        "DeletePolicyVersion", {"PolicyArn": "{policy}", "VersionId": "v1"}, 409, "DeleteConflict",
        "Cannot delete the default version of a policy.",
    ),
    *(
        (
            "CreateVirtualMFADevice", {"VirtualMFADeviceName": "two", "Path": path}, 400, "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only"
            " alphanumeric characters and/or / characters.",
        )
        for path in ("no-slash-before/", "/no-slash-behind")
    ),
    (
        "CreateVirtualMFADevice", {"VirtualMFADeviceName": "two", "Path": f"/{'a' * 511}/"},
        400, "ValidationError",
        "1 validation error detected: Value at 'path' failed to satisfy constraint: Member must have length"
        " less than or equal to 512",
    ),
]  # fmt: skip


def test_refusals(client: ClientFactory) -> None:
    iam, user = client("iam"), f"recorded-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    iam.create_login_profile(UserName=user, Password="Tr0ub4dor&3")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=user)["VirtualMFADevice"]["SerialNumber"]
    provider = iam.create_open_id_connect_provider(Url=f"https://{user}.example.com")
    document = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    policy = iam.create_policy(
        PolicyName=user, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": document})
    )
    names = {
        "account": device.split(":")[4],
        "user": user,
        "policy": policy["Policy"]["Arn"],
        "oidc": provider["OpenIDConnectProviderArn"],
    }
    wrong = []
    for operation, request, status, code, words in REFUSALS:
        filled = {
            key: value.format(**names) if isinstance(value, str) else value for key, value in request.items()
        }
        with pytest.raises(ClientError) as caught:
            iam._make_api_call(operation, filled)
        expected = (status, {"Type": "Sender", "Code": code, "Message": words.format(**names)})
        if answer(caught) != expected:
            wrong.append((operation, answer(caught), expected))
    iam.delete_policy(PolicyArn=names["policy"])
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=names["oidc"])
    iam.delete_virtual_mfa_device(SerialNumber=device)
    iam.delete_login_profile(UserName=user)
    iam.delete_user(UserName=user)
    assert not wrong
