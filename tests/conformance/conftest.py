"""Conformance tests use boto3 alone: against a platform of their own, or against any endpoint.

With SAGEHEN_TEST_ENDPOINT, SAGEHEN_TEST_KEYS=KEY:SECRET set they run against that endpoint instead.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from tests.running import ACCOUNTS, RunningSagehen


class ClientFactory(Protocol):
    def __call__(
        self,
        service: str,
        *,
        region: str = "us-east-1",
        account: str = "123456789012",
        credentials: dict[str, str] | None = None,
        config: Config | None = None,
    ) -> Any: ...


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen | None]:
    if os.environ.get("SAGEHEN_TEST_ENDPOINT"):
        yield None
        return
    running = RunningSagehen(tmp_path_factory.mktemp("sagehen") / "data")
    running.start("--allow-reset")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def endpoint_url(platform: RunningSagehen | None) -> str:
    return platform.url if platform else os.environ["SAGEHEN_TEST_ENDPOINT"]


@pytest.fixture(scope="session")
def client(endpoint_url: str) -> ClientFactory:
    """A function that makes boto3 clients: root's of an account, or with AssumeRole's Credentials."""

    def make(
        service: str,
        *,
        region: str = "us-east-1",
        account: str = "123456789012",
        credentials: dict[str, str] | None = None,
        config: Config | None = None,
    ) -> Any:
        if credentials is None:
            key, secret = (os.environ.get("SAGEHEN_TEST_KEYS") or ACCOUNTS[account]).split(":", 1)
            credentials = {"AccessKeyId": key, "SecretAccessKey": secret}
        return boto3.client(
            service,
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=config or Config(retries={"total_max_attempts": 1}),
        )

    return make


@pytest.fixture(scope="module")
def lambda_role(client: ClientFactory) -> Iterator[str]:
    """The ARN of a role that Lambda may assume."""
    iam, name = client("iam"), f"lambda-role-{uuid.uuid4().hex[:8]}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    yield iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.delete_role(RoleName=name)
