"""Lambda by boto3 alone: functions, versions, aliases, layers, policies, concurrency, invocations, events."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import urllib.request
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.running import LAMBDA_RUNTIME

ECHO = "def handler(event, context):\n    return event\n"
FAILING = "def handler(event, context):\n    raise ValueError('no such thing: ' + str(event))\n"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}

MakeFunction = Callable[..., str]


def zipped(**files: str) -> bytes:
    """A package; `__` in a name stands for the dot before `py`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def text_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Message"])


def invoke(functions: Any, **request: Any) -> dict[str, Any]:
    """Invoke with the payload read to its end, so that the connection is given back."""
    answer: dict[str, Any] = functions.invoke(**request)
    with answer["Payload"] as body:
        return {**answer, "Payload": body.read()}


def eventually(what: Callable[[], Any], timeout_s: float = 15) -> Any:
    deadline = time.monotonic() + timeout_s
    while True:
        found = what()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


@pytest.fixture(scope="module")
def functions(client: ClientFactory) -> Any:
    return client("lambda")


@pytest.fixture(scope="module")
def role(client: ClientFactory) -> Iterator[str]:
    iam, name = client("iam"), unique("lambda-role")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    yield made["Role"]["Arn"]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


@pytest.fixture
def make(functions: Any, role: str) -> Iterator[MakeFunction]:
    made: list[str] = []

    def create(source: str = ECHO, **settings: Any) -> str:
        name = settings.pop("FunctionName", unique("function"))
        functions.create_function(
            **{
                "FunctionName": name,
                "Runtime": LAMBDA_RUNTIME,
                "Role": role,
                "Handler": "code.handler",
                "Code": {"ZipFile": zipped(code__py=source)},
                **settings,
            }
        )
        made.append(name)
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    yield create
    for name in made:
        try:
            functions.delete_function(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            pass


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
            ({"Timeout": 901}, "InvalidParameterValueException", None),
            ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "NotImplemented", None),
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


class TestVersionsAndAliases:
    def test_versions(self, functions: Any, make: MakeFunction) -> None:
        name = make("def handler(e, c):\n return c.function_version\n")
        first = functions.publish_version(FunctionName=name, Description="one")
        assert (first["Version"], first["Description"]) == ("1", "one")
        assert first["FunctionArn"].endswith(f":{name}:1")
        assert functions.publish_version(FunctionName=name)["Version"] == "1"
        functions.update_function_configuration(FunctionName=name, Timeout=11)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert functions.publish_version(FunctionName=name)["Version"] == "2"
        listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
        assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]
        answer = invoke(functions, FunctionName=name, Qualifier="1")
        assert (answer["ExecutedVersion"], json.loads(answer["Payload"])) == ("1", "1")
        functions.delete_function(FunctionName=name, Qualifier="2")
        functions.update_function_configuration(FunctionName=name, Timeout=12)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert functions.publish_version(FunctionName=name)["Version"] == "3"
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name, Qualifier="2")
        assert code_of(error) == "ResourceNotFoundException"
        with pytest.raises(ClientError) as error:
            functions.publish_version(FunctionName=name, CodeSha256="other")
        assert "is different from current CodeSHA256" in text_of(error)

    def test_publish_with_creation(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        assert functions.get_function_configuration(FunctionName=name, Qualifier="1")["Version"] == "1"

    def test_aliases(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        functions.update_function_configuration(FunctionName=name, Timeout=11)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        functions.publish_version(FunctionName=name)
        alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        assert alias["AliasArn"].endswith(f":{name}:live")
        assert invoke(functions, FunctionName=f"{name}:live")["ExecutedVersion"] == "1"
        functions.update_alias(
            FunctionName=name,
            Name="live",
            RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
            RevisionId=alias["RevisionId"],
        )
        ran = {invoke(functions, FunctionName=name, Qualifier="live")["ExecutedVersion"] for _ in range(40)}
        assert ran == {"1", "2"}
        assert [one["Name"] for one in functions.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
        with pytest.raises(ClientError) as error:
            functions.delete_function(FunctionName=name, Qualifier="2")
        assert code_of(error) == "ResourceConflictException"
        with pytest.raises(ClientError) as error:
            functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        assert code_of(error) == "ResourceConflictException"
        with pytest.raises(ClientError) as error:
            functions.update_alias(FunctionName=name, Name="live", RevisionId=alias["RevisionId"])
        assert code_of(error) == "PreconditionFailedException"
        functions.delete_alias(FunctionName=name, Name="live")
        with pytest.raises(ClientError) as error:
            functions.get_alias(FunctionName=name, Name="live")
        assert text_of(error).startswith("Cannot find alias arn: ")


class TestLayers:
    def test_a_function_imports_from_its_layer(self, functions: Any, make: MakeFunction) -> None:
        name = unique("layer")
        layer = functions.publish_layer_version(
            LayerName=name,
            Content={"ZipFile": zipped(**{"python/shared__py": "VALUE = 42\n"})},
            CompatibleRuntimes=[LAMBDA_RUNTIME],
        )
        assert layer["Version"] == 1
        function = make(
            "import shared\ndef handler(e, c):\n return shared.VALUE\n", Layers=[layer["LayerVersionArn"]]
        )
        assert json.loads(invoke(functions, FunctionName=function)["Payload"]) == 42
        by_arn = functions.get_layer_version_by_arn(Arn=layer["LayerVersionArn"])
        assert by_arn["Content"]["CodeSha256"] == layer["Content"]["CodeSha256"]
        listed = functions.list_layers(CompatibleRuntime=LAMBDA_RUNTIME)["Layers"]
        assert name in [one["LayerName"] for one in listed]
        functions.delete_layer_version(LayerName=name, VersionNumber=1)
        with pytest.raises(ClientError) as error:
            functions.get_layer_version(LayerName=name, VersionNumber=1)
        assert code_of(error) == "ResourceNotFoundException"
        again = functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(x__py="")})
        assert again["Version"] == 2
        assert json.loads(invoke(functions, FunctionName=function)["Payload"]) == 42

    def test_policy_of_a_layer(self, functions: Any, client: ClientFactory, make: MakeFunction) -> None:
        name = unique("layer")
        arn = functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(x__py="")})[
            "LayerVersionArn"
        ]
        other = client("lambda", account="210987654321")
        with pytest.raises(ClientError) as error:
            other.get_layer_version_by_arn(Arn=arn)
        assert code_of(error) == "AccessDeniedException"
        functions.add_layer_version_permission(
            LayerName=name,
            VersionNumber=1,
            StatementId="share",
            Action="lambda:GetLayerVersion",
            Principal="210987654321",
        )
        assert other.get_layer_version_by_arn(Arn=arn)["Version"] == 1
        functions.remove_layer_version_permission(LayerName=name, VersionNumber=1, StatementId="share")
        with pytest.raises(ClientError):
            other.get_layer_version_by_arn(Arn=arn)


class TestInvocations:
    def test_headers_and_log(self, functions: Any, make: MakeFunction) -> None:
        name = make("def handler(e, c):\n print('seen', e)\n return {'got': e}\n")
        answer = invoke(functions, FunctionName=name, Payload=b'{"a": 1}', LogType="Tail")
        assert answer["StatusCode"] == 200
        assert answer["ExecutedVersion"] == "$LATEST"
        assert "FunctionError" not in answer
        assert json.loads(answer["Payload"]) == {"got": {"a": 1}}
        log = base64.b64decode(answer["LogResult"]).decode()
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert f"START RequestId: {request_id} Version: $LATEST" in log
        assert "seen {'a': 1}" in log
        assert f"END RequestId: {request_id}" in log
        assert "Billed Duration" in log

    def test_function_error(self, functions: Any, make: MakeFunction) -> None:
        answer = invoke(functions, FunctionName=make(FAILING), Payload=b'"x"')
        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        failure = json.loads(answer["Payload"])
        assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "no such thing: x")

    def test_bad_requests(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name, Payload=b"{no json")
        assert code_of(error) == "InvalidRequestContentException"
        assert text_of(error).startswith("Could not parse request body into json")
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name, Payload=b'"' + b"x" * 6_291_455 + b'"')
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
        assert text_of(error) == (
            "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)"
        )
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name, InvocationType="Event", Payload=b'"' + b"x" * 1_048_576)
        assert "(limit 1048576 bytes)" in text_of(error)
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=unique("none"))
        assert code_of(error) == "ResourceNotFoundException"
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=f"{name}:1", Qualifier="2")
        assert text_of(error) == (
            "The derived qualifier from the function name does not match the specified qualifier."
        )

    def test_dry_run(self, functions: Any, make: MakeFunction) -> None:
        assert invoke(functions, FunctionName=make(), InvocationType="DryRun")["StatusCode"] == 204

    def test_rights_are_on_the_function(self, client: ClientFactory, make: MakeFunction) -> None:
        allowed, other = make(Publish=True), make()
        iam, name = client("iam"), unique("caller")
        iam.create_user(UserName=name)
        resource = f"arn:aws:lambda:us-east-1:123456789012:function:{allowed}"
        statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource}
        iam.put_user_policy(
            UserName=name,
            PolicyName="invoke",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        caller = client("lambda", credentials=iam.create_access_key(UserName=name)["AccessKey"])
        assert invoke(caller, FunctionName=allowed)["StatusCode"] == 200
        for way in ({"FunctionName": other}, {"FunctionName": allowed, "Qualifier": "1"}):
            with pytest.raises(ClientError) as error:
                invoke(caller, **way)
            assert code_of(error) == "AccessDeniedException"
            assert "is not authorized to perform: lambda:InvokeFunction on resource" in text_of(error)


class TestPermissions:
    def test_another_account(self, client: ClientFactory, functions: Any, make: MakeFunction) -> None:
        name = make()
        arn = functions.get_function_configuration(FunctionName=name)["FunctionArn"]
        other = client("lambda", account="210987654321")
        with pytest.raises(ClientError) as error:
            invoke(other, FunctionName=arn)
        assert code_of(error) == "AccessDeniedException"
        added = functions.add_permission(
            FunctionName=name, StatementId="other", Action="lambda:InvokeFunction", Principal="210987654321"
        )
        assert json.loads(added["Statement"]) == {
            "Sid": "other",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
        }
        assert invoke(other, FunctionName=arn)["StatusCode"] == 200
        with pytest.raises(ClientError) as error:
            functions.add_permission(
                FunctionName=name,
                StatementId="other",
                Action="lambda:InvokeFunction",
                Principal="210987654321",
            )
        assert code_of(error) == "ResourceConflictException"
        policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
        assert [one["Sid"] for one in policy["Statement"]] == ["other"]
        functions.remove_permission(FunctionName=name, StatementId="other")
        with pytest.raises(ClientError) as error:
            functions.get_policy(FunctionName=name)
        assert code_of(error) == "ResourceNotFoundException"


class TestConcurrency:
    def test_reserved_zero_throttles(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        with pytest.raises(ClientError) as error:
            invoke(functions, FunctionName=name)
        response = error.value.response
        assert code_of(error) == "TooManyRequestsException"
        assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert text_of(error) == "Rate Exceeded."
        functions.delete_function_concurrency(FunctionName=name)
        assert invoke(functions, FunctionName=name)["StatusCode"] == 200

    def test_reserved_one_runs_one_at_a_time(self, functions: Any, make: MakeFunction) -> None:
        name = make("import time\ndef handler(e, c):\n time.sleep(e)\n")
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
        invoke(functions, FunctionName=name, Payload=b"0")
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(invoke, functions, FunctionName=name, Payload=b"1.5")
            time.sleep(0.5)
            with pytest.raises(ClientError) as error:
                invoke(functions, FunctionName=name, Payload=b"0")
            assert slow.result()["StatusCode"] == 200
        assert code_of(error) == "TooManyRequestsException"
        assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
        assert invoke(functions, FunctionName=name, Payload=b"0")["StatusCode"] == 200

    def test_unreserved_minimum(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        with pytest.raises(ClientError) as error:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=901)
        assert text_of(error) == (
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100]."
        )
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=7)
        limits = functions.get_account_settings()["AccountLimit"]
        assert limits["ConcurrentExecutions"] == 1000
        assert limits["UnreservedConcurrentExecutions"] == 993

    def test_provisioned(self, functions: Any, make: MakeFunction) -> None:
        name = make(
            "import os\ndef handler(e, c):\n return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n",
            Publish=True,
        )
        with pytest.raises(ClientError) as error:
            functions.put_provisioned_concurrency_config(
                FunctionName=name, Qualifier="$LATEST", ProvisionedConcurrentExecutions=1
            )
        assert text_of(error) == (
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
        with pytest.raises(ClientError) as error:
            functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
        assert code_of(error) == "ProvisionedConcurrencyConfigNotFoundException"
        put = functions.put_provisioned_concurrency_config(
            FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2
        )
        assert put["Status"] == "IN_PROGRESS"
        assert put["AllocatedProvisionedConcurrentExecutions"] == 0

        def ready() -> Any:
            found = functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
            return found if found["Status"] == "READY" else None

        assert eventually(ready)["AllocatedProvisionedConcurrentExecutions"] == 2
        answer = invoke(functions, FunctionName=name, Qualifier="1")
        assert json.loads(answer["Payload"]) == "provisioned-concurrency"
        assert json.loads(invoke(functions, FunctionName=name)["Payload"]) == "on-demand"
        functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        with pytest.raises(ClientError) as error:
            functions.put_provisioned_concurrency_config(
                FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=1
            )
        assert code_of(error) == "ResourceConflictException"
        with pytest.raises(ClientError) as error:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
        assert "should not be lower than function's total provisioned concurrency [2]" in text_of(error)
        functions.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")


RECORDER = """
import boto3, json, os
def handler(event, context):
    boto3.client('s3').put_object(
        Bucket=os.environ['BUCKET'], Key=context.aws_request_id, Body=json.dumps(event).encode())
"""


class TestAsynchronous:
    @pytest.fixture
    def bucket(self, client: ClientFactory, role: str) -> str:
        name = unique("records")
        client("s3").create_bucket(Bucket=name)
        client("iam").put_role_policy(
            RoleName=role.rpartition("/")[2],
            PolicyName="everything",
            PolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": ["s3:*", "lambda:InvokeFunction"], "Resource": "*"}
                    ],
                }
            ),
        )
        return name

    def recorded(self, client: ClientFactory, bucket: str) -> list[Any]:
        s3 = client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return [json.load(s3.get_object(Bucket=bucket, Key=key)["Body"]) for key in keys]

    def test_event_and_success_destination(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        recorder = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        name = make()
        destination = functions.get_function_configuration(FunctionName=recorder)["FunctionArn"]
        put = functions.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": destination}}
        )
        assert put["FunctionArn"].endswith(f":{name}:$LATEST")
        answer = invoke(functions, FunctionName=name, InvocationType="Event", Payload=b'{"n": 5}')
        assert answer["StatusCode"] == 202
        assert answer["Payload"] == b""
        records = eventually(lambda: self.recorded(client, bucket))
        record = records[0]
        assert record["requestContext"]["condition"] == "Success"
        assert record["requestContext"]["requestId"] == answer["ResponseMetadata"]["RequestId"]
        assert record["requestPayload"] == record["responsePayload"] == {"n": 5}

    def test_failure_destination(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        recorder = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        name = make(FAILING)
        destination = functions.get_function_configuration(FunctionName=recorder)["FunctionArn"]
        functions.put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": destination}},
        )
        invoke(functions, FunctionName=name, InvocationType="Event", Payload=b"1")
        record = eventually(lambda: self.recorded(client, bucket))[0]
        assert record["requestContext"]["condition"] == "RetriesExhausted"
        assert record["requestContext"]["approximateInvokeCount"] == 1
        assert record["responseContext"]["functionError"] == "Unhandled"
        assert record["responsePayload"]["errorType"] == "ValueError"

    def test_configuration(self, functions: Any, make: MakeFunction) -> None:
        name = make()
        with pytest.raises(ClientError) as error:
            functions.get_function_event_invoke_config(FunctionName=name)
        assert text_of(error).endswith(f"{name}:$LATEST doesn't have an EventInvokeConfig")
        with pytest.raises(ClientError) as error:
            functions.put_function_event_invoke_config(FunctionName=name)
        assert text_of(error) == "You must specify at least one of error handling or destination setting."
        functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
        changed = functions.update_function_event_invoke_config(
            FunctionName=name, MaximumEventAgeInSeconds=100
        )
        assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 100)
        with pytest.raises(ClientError) as error:
            functions.put_function_event_invoke_config(
                FunctionName=name,
                DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:queue"}},
            )
        assert code_of(error) == "NotImplemented"
        assert "SQS" in text_of(error)

    def test_objects_invoke_functions(
        self, client: ClientFactory, functions: Any, make: MakeFunction, bucket: str
    ) -> None:
        s3, source = client("s3"), unique("source")
        s3.create_bucket(Bucket=source)
        name = make(RECORDER, Timeout=20, Environment={"Variables": {"BUCKET": bucket}})
        arn = functions.get_function_configuration(FunctionName=name)["FunctionArn"]
        wanted = {
            "LambdaFunctionConfigurations": [
                {
                    "Id": "images",
                    "LambdaFunctionArn": arn,
                    "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
                    "Filter": {
                        "Key": {
                            "FilterRules": [
                                {"Name": "prefix", "Value": "in/"},
                                {"Name": "suffix", "Value": ".png"},
                            ]
                        }
                    },
                }
            ]
        }
        with pytest.raises(ClientError) as error:
            s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration=wanted)
        assert code_of(error) == "InvalidArgument"
        assert text_of(error) == "Unable to validate the following destination configurations"
        functions.add_permission(
            FunctionName=name,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn=f"arn:aws:s3:::{source}",
            SourceAccount="123456789012",
        )
        s3.put_bucket_notification_configuration(Bucket=source, NotificationConfiguration=wanted)
        stored = s3.get_bucket_notification_configuration(Bucket=source)["LambdaFunctionConfigurations"]
        assert stored[0]["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]
        etag = s3.put_object(Bucket=source, Key="in/a cat.png", Body=b"12345")["ETag"]
        s3.put_object(Bucket=source, Key="in/notes.txt", Body=b"1")
        s3.put_object(Bucket=source, Key="out/b.png", Body=b"1")
        s3.delete_object(Bucket=source, Key="in/a cat.png")
        eventually(lambda: len(self.recorded(client, bucket)) == 2)
        events = {one["Records"][0]["eventName"]: one["Records"][0] for one in self.recorded(client, bucket)}
        assert set(events) == {"ObjectCreated:Put", "ObjectRemoved:Delete"}
        made = events["ObjectCreated:Put"]
        assert made["s3"]["object"]["key"] == "in/a+cat.png"
        assert made["s3"]["object"]["size"] == 5
        assert made["s3"]["object"]["eTag"] == etag.strip('"')
        assert made["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{source}"
        with pytest.raises(ClientError) as error:
            s3.put_bucket_notification_configuration(
                Bucket=source,
                NotificationConfiguration={
                    "QueueConfigurations": [
                        {"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"]}
                    ]
                },
            )
        assert code_of(error) == "NotImplemented"


class TestMetricsAndTags:
    def test_metrics(self, client: ClientFactory, functions: Any, make: MakeFunction) -> None:
        name = make()
        for _ in range(3):
            invoke(functions, FunctionName=name)
        cloudwatch = client("cloudwatch")

        def total(metric: str) -> float:
            now = time.time()
            points = cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName=metric,
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=now - 120,
                EndTime=now + 60,
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            return sum(point["Sum"] for point in points)

        assert eventually(lambda: total("Invocations") == 3)
        assert total("Errors") == 0
        assert total("Duration") > 0

    def test_tags(self, functions: Any, make: MakeFunction) -> None:
        arn = functions.get_function_configuration(FunctionName=make())["FunctionArn"]
        functions.tag_resource(Resource=arn, Tags={"a": "1", "b": "2"})
        functions.untag_resource(Resource=arn, TagKeys=["a"])
        assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}
        with pytest.raises(ClientError) as error:
            functions.list_tags(Resource=f"{arn}:1")
        assert code_of(error) == "InvalidParameterValueException"


def test_undeclared_operations_say_so(functions: Any) -> None:
    for call in (
        functions.list_event_source_mappings,
        lambda: functions.list_function_url_configs(FunctionName="f"),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert code_of(error) == "NotImplemented"
