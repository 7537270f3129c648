"""Invocations, who may make them, and how many at a time."""

from __future__ import annotations

import base64
import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    FAILING,
    MakeFunction,
    code_of,
    invoke,
    text_of,
    unique,
)
from tests.waiting import eventually


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
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
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

        def get_in() -> Any:
            while True:
                with contextlib.suppress(functions.exceptions.TooManyRequestsException):
                    return invoke(functions, FunctionName=name, Payload=b"1.5")

        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(get_in)
            with pytest.raises(ClientError) as error:
                while not slow.done():  # until it has been taken
                    invoke(functions, FunctionName=name, Payload=b"0")
            assert slow.result()["StatusCode"] == 200
        assert code_of(error) == "TooManyRequestsException"
        # Recorded: functions that have used up what is reserved are not told when to come again.
        assert "retry-after" not in error.value.response["ResponseMetadata"]["HTTPHeaders"]
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


class TestStreams:
    def stream(self, functions: Any, **request: Any) -> tuple[bytes, dict[str, Any]]:
        events = list(functions.invoke_with_response_stream(**request)["EventStream"])
        payload = b"".join(one["PayloadChunk"]["Payload"] for one in events[:-1])
        return payload, events[-1]["InvokeComplete"]

    def test_what_is_returned_comes_in_parts(self, functions: Any, make: MakeFunction) -> None:
        name = make("def handler(e, c):\n print('here')\n return e * 300_000\n")
        payload, end = self.stream(functions, FunctionName=name, Payload=b'"ab"', LogType="Tail")
        assert json.loads(payload) == "ab" * 300_000
        assert "here" in base64.b64decode(end["LogResult"]).decode()
        assert "ErrorCode" not in end

    def test_an_error_ends_it(self, functions: Any, make: MakeFunction) -> None:
        payload, end = self.stream(functions, FunctionName=make("def handler(e, c):\n return 1 / 0\n"))
        assert (payload, end["ErrorCode"]) == (b"", "ZeroDivisionError")
        assert json.loads(end["ErrorDetails"])["errorMessage"] == "division by zero"
