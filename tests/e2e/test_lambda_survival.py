"""kill -9 with Lambda at work: acknowledged events run, provisioned concurrency is there again."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.running import ACCOUNTS, LAMBDA_RUNTIME, RunningSagehen
from tests.waiting import eventually

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::records/*"}],
}
# Slow enough that the platform dies in the middle of it.
RECORD = """
import boto3, time
def handler(event, context):
    time.sleep(event['sleep'])
    boto3.client('s3').put_object(Bucket='records', Key=str(event['n']), Body=b'')
"""


def client(platform: RunningSagehen, service: str) -> Any:
    key, secret = ACCOUNTS["123456789012"].split(":", 1)
    return boto3.client(
        service,
        endpoint_url=platform.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_lambda_survives_kill_9(tmp_path: Path) -> None:
    platform = RunningSagehen(tmp_path / "data")
    platform.start()
    try:
        _prepare(platform)
        functions = client(platform, "lambda")
        for number in range(5):
            event = json.dumps({"n": number, "sleep": 1}).encode()
            answer = functions.invoke(FunctionName="record", InvocationType="Event", Payload=event)
            answer["Payload"].close()
            assert answer["StatusCode"] == 202
        platform.kill()
        platform.start()
        functions, s3 = client(platform, "lambda"), client(platform, "s3")

        def keys() -> list[str]:
            return [one["Key"] for one in s3.list_objects_v2(Bucket="records").get("Contents", ())]

        assert eventually(lambda: keys() == ["0", "1", "2", "3", "4"]), keys()
        assert eventually(lambda: _provisioned(functions) == ("READY", 1))
        answer = functions.invoke(FunctionName="record", Qualifier="1", Payload=b'{"n": "last", "sleep": 0}')
        answer["Payload"].close()
        assert "FunctionError" not in answer
    finally:
        platform.stop()


def _prepare(platform: RunningSagehen) -> None:
    iam, functions = client(platform, "iam"), client(platform, "lambda")
    client(platform, "s3").create_bucket(Bucket="records")
    role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName="runner", PolicyName="put", PolicyDocument=json.dumps(RIGHTS))
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("code.py", RECORD)
    functions.create_function(
        FunctionName="record",
        Runtime=LAMBDA_RUNTIME,
        Role=role,
        Handler="code.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=20,
        Publish=True,
    )
    functions.put_provisioned_concurrency_config(
        FunctionName="record", Qualifier="1", ProvisionedConcurrentExecutions=1
    )
    assert eventually(lambda: _provisioned(functions) == ("READY", 1))


def _provisioned(functions: Any) -> tuple[str, int]:
    found = functions.get_provisioned_concurrency_config(FunctionName="record", Qualifier="1")
    return found["Status"], found["AvailableProvisionedConcurrentExecutions"]
