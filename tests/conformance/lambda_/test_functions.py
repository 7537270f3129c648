"""Functions: what is kept of them, changed and refused."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import urllib.request
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    ECHO,
    MakeFunction,
    code_of,
    invoke,
    text_of,
    unique,
    zipped,
)
from tests.running import LAMBDA_RUNTIME


class TestFunctions:
    def test_create_describe_list_delete(self, functions: Any, role: str) -> None:
        name, package = unique("life"), zipped(code__py=ECHO)
        created = functions.create_function(
            FunctionName=name,
            Runtime=LAMBDA_RUNTIME,
            Role=role,
            Handler="code.handler",
            Code={"ZipFile": package},
            Description="echoes",
            Timeout=7,
            MemorySize=256,
            Environment={"Variables": {"COLOUR": "blue"}},
            EphemeralStorage={"Size": 600},
            Tags={"team": "ml"},
        )
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        assert created["FunctionArn"] == arn
        assert created["State"] == "Pending"
        assert created["StateReasonCode"] == "Creating"
        assert created["CodeSize"] == len(package)
        assert created["CodeSha256"] == base64.b64encode(hashlib.sha256(package).digest()).decode()
        assert created["Version"] == "$LATEST"
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        found = functions.get_function(FunctionName=name)
        configuration = found["Configuration"]
        assert configuration["State"] == "Active"
        assert configuration["LastUpdateStatus"] == "Successful"
        assert configuration["Environment"]["Variables"] == {"COLOUR": "blue"}
        assert (configuration["Timeout"], configuration["MemorySize"]) == (7, 256)
        assert configuration["EphemeralStorage"] == {"Size": 600}
        assert found["Tags"] == {"team": "ml"}
        with urllib.request.urlopen(found["Code"]["Location"]) as answer:
            assert answer.read() == package
        assert name in [one["FunctionName"] for one in functions.list_functions()["Functions"]]
        for way in (arn, f"123456789012:function:{name}", f"{name}:$LATEST"):
            assert functions.get_function_configuration(FunctionName=way)["FunctionName"] == name
        assert functions.delete_function(FunctionName=name)["ResponseMetadata"]["HTTPStatusCode"] == 204
        with pytest.raises(ClientError) as error:
            functions.get_function(FunctionName=name)
        assert code_of(error) == "ResourceNotFoundException"
        assert text_of(error) == f"Function not found: {arn}"

    def test_name_taken(self, functions: Any, make: MakeFunction, role: str) -> None:
        name = make()
        with pytest.raises(ClientError) as error:
            make(FunctionName=name)
        assert (code_of(error), text_of(error)) == (
            "ResourceConflictException",
            f"Function already exist: {name}",
        )

    @pytest.mark.parametrize(
        ("change", "code", "text"),
        [
            (
                {"Code": {"ZipFile": b"no archive"}},
                "InvalidParameterValueException",
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
            ),
            (
                {"Code": {"S3Bucket": "no-such-bucket-here", "S3Key": "x"}},
                "InvalidParameterValueException",
                "Error occurred while GetObject. S3 Error Code: NoSuchBucket. "
                "S3 Error Message: The specified bucket does not exist",
            ),
            (
                {"Role": "arn:aws:iam::123456789012:role/nobody"},
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.",
            ),
            (
                {"Environment": {"Variables": {"AWS_REGION": "mars"}}},
                "InvalidParameterValueException",
                "Lambda was unable to configure your environment variables because the environment variables "
                "you have provided contains reserved keys that are currently not supported for modification. "
                "Reserved keys used in this request: AWS_REGION",
            ),
            ({"Runtime": "python2.7"}, "InvalidParameterValueException", None),
            ({"Runtime": "java21"}, "NotImplemented", None),
            ({"Timeout": 901}, "ValidationException", None),
            (
                {"VpcConfig": {"SubnetIds": ["subnet-01234567"], "SecurityGroupIds": ["sg-01234567"]}},
                "InvalidParameterValueException",
                "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error "
                "Message: The subnet ID 'subnet-01234567' does not exist",
            ),
            (
                {"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:none:1"]},
                "InvalidParameterValueException",
                "Layer version arn:aws:lambda:us-east-1:123456789012:layer:none:1 does not exist.",
            ),
        ],
    )
    def test_refused(self, make: MakeFunction, change: dict[str, Any], code: str, text: str | None) -> None:
        with pytest.raises(ClientError) as error:
            make(**change)
        assert code_of(error) == code
        if text is not None:
            assert text_of(error) == text

    @pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil.py", "a/../../evil.py"])
    def test_package_that_leaves_its_folder(self, make: MakeFunction, name: str) -> None:
        with pytest.raises(ClientError) as error:
            make(Code={"ZipFile": zipped(**{name: "x"})})
        assert code_of(error) == "InvalidParameterValueException"

    def test_package_that_explodes(self, make: MakeFunction) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(9):
                archive.writestr(f"zeros{number}", bytes(30 * 1024 * 1024))
        with pytest.raises(ClientError) as error:
            make(Code={"ZipFile": buffer.getvalue()})
        assert text_of(error) == "Unzipped size must be smaller than 262144000 bytes"

    def test_passing_a_role_needs_the_right(self, client: ClientFactory, role: str) -> None:
        iam, name = client("iam"), unique("user")
        iam.create_user(UserName=name)
        iam.put_user_policy(
            UserName=name,
            PolicyName="create",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}],
                }
            ),
        )
        key = iam.create_access_key(UserName=name)["AccessKey"]
        with pytest.raises(ClientError) as error:
            client("lambda", credentials=key).create_function(
                FunctionName=unique("f"),
                Runtime=LAMBDA_RUNTIME,
                Role=role,
                Handler="code.handler",
                Code={"ZipFile": zipped(code__py=ECHO)},
            )
        assert code_of(error) == "AccessDeniedException"
        assert "iam:PassRole" in text_of(error)

    def test_code_from_s3_and_its_update(
        self, client: ClientFactory, functions: Any, make: MakeFunction
    ) -> None:
        s3, bucket = client("s3"), unique("packages")
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        first = s3.put_object(
            Bucket=bucket, Key="code.zip", Body=zipped(code__py="def handler(e, c):\n return 1\n")
        )["VersionId"]
        s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped(code__py="def handler(e, c):\n return 2\n"))
        name = make(Code={"S3Bucket": bucket, "S3Key": "code.zip", "S3ObjectVersion": first})
        assert json.loads(invoke(functions, FunctionName=name)["Payload"]) == 1
        before = functions.get_function_configuration(FunctionName=name)
        dry = functions.update_function_code(
            FunctionName=name, S3Bucket=bucket, S3Key="code.zip", DryRun=True
        )
        assert dry["CodeSha256"] != before["CodeSha256"]
        after = functions.get_function_configuration(FunctionName=name)
        assert after["CodeSha256"] == before["CodeSha256"]
        updated = functions.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="code.zip")
        assert updated["LastUpdateStatus"] == "InProgress"
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert json.loads(invoke(functions, FunctionName=name)["Payload"]) == 2
        with pytest.raises(ClientError) as error:
            functions.update_function_code(
                FunctionName=name, S3Bucket=bucket, S3Key="code.zip", RevisionId=before["RevisionId"]
            )
        assert code_of(error) == "PreconditionFailedException"

    def test_configuration_update_reaches_new_environments(self, functions: Any, make: MakeFunction) -> None:
        name = make("import os\ndef handler(e, c):\n return os.environ.get('COLOUR')\n")
        assert json.loads(invoke(functions, FunctionName=name)["Payload"]) is None
        updated = functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {"COLOUR": "red"}}, Timeout=9
        )
        assert updated["LastUpdateStatus"] == "InProgress"
        functions.get_waiter("function_updated").wait(FunctionName=name)
        assert functions.get_function_configuration(FunctionName=name)["Timeout"] == 9
        assert json.loads(invoke(functions, FunctionName=name)["Payload"]) == "red"
