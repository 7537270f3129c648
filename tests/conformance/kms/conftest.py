"""A key to work on, and users with the rights that a test gives them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

User = Callable[..., tuple[Any, str]]


def code_of(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the code of the error that a call must end in."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


@pytest.fixture(scope="module")
def kms(client: ClientFactory) -> Any:
    return client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key(Description="of a test")["KeyMetadata"]["Arn"])


@pytest.fixture
def user(client: ClientFactory) -> Iterator[User]:
    """Make a user with a policy; return KMS as he sees it, and his ARN."""
    iam, made = client("iam"), []

    def make(*statements: dict[str, Any]) -> tuple[Any, str]:
        name = f"kms-{uuid.uuid4().hex[:8]}"
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        made.append(name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        access_key = iam.create_access_key(UserName=name)["AccessKey"]
        credentials = {**access_key, "SessionToken": None}
        return client("kms", credentials=credentials), arn

    yield make
    for name in made:
        for access_key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=name, AccessKeyId=access_key["AccessKeyId"])
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        iam.delete_user(UserName=name)
