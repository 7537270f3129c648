"""AssumeRoleWithWebIdentity over the wire: unsigned, as SDKs call it from a token file."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.oidc_issuer import Issuer


@pytest.mark.usefixtures("platform")
def test_a_token_is_enough(client: ClientFactory, endpoint_url: str) -> None:
    iam, issuer = client("iam"), Issuer()
    try:
        made = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=["sts.amazonaws.com"])
        provider = made["OpenIDConnectProviderArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{issuer.name}:sub": "me"}},
        }
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        role = iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust)["Role"]
        sts: Any = boto3.client(
            "sts",
            endpoint_url=endpoint_url,
            region_name="us-east-1",
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )

        def assume(subject: str) -> Any:
            return sts.assume_role_with_web_identity(
                RoleArn=role["Arn"],
                RoleSessionName="run",
                WebIdentityToken=issuer.token(datetime.now(UTC), sub=subject),
            )

        session = client("sts", credentials=assume("me")["Credentials"])
        assert session.get_caller_identity()["Arn"].endswith(":assumed-role/web/run")
        with pytest.raises(ClientError) as caught:
            assume("you")
        assert caught.value.response["Error"]["Code"] == "AccessDenied"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        iam.delete_role(RoleName="web")
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    finally:
        issuer.close()
