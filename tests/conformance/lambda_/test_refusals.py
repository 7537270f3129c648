"""What is refused, in which order and in which words: AWS's, as recorded."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.lambda_.calls import MakeFunction, code_of, text_of, unique, zipped

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
NOT_FOUND = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"


def refusal(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    return code_of(error), text_of(error)


def answer_of(call: Any, **request: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as error:
        call(**request)
    return dict(error.value.response)


@pytest.fixture(scope="module")
def shared(functions: Any, role: str) -> Any:
    """A function with versions 1 and 2 that no test changes."""
    name = unique("refusing")
    functions.create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Role=role,
        Handler="h",
        Code={"ZipFile": zipped(bootstrap="")},
        Publish=True,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    functions.update_function_configuration(FunctionName=name, Description="two")
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    functions.publish_version(FunctionName=name)
    yield name
    functions.delete_function(FunctionName=name)


class TestNames:
    def test_one_that_is_too_long_is_just_not_found(self, functions: Any, make: MakeFunction) -> None:
        name = "a" * 65
        for call in (functions.get_function, functions.delete_function):
            assert refusal(call, FunctionName=name) == (NOT_FOUND, f"Function not found: {ARN}{name}")
        code, text = refusal(make, FunctionName=name)
        assert code == INVALID
        assert text.endswith("Member must have length less than or equal to 64")

    def test_each_constraint_is_told(self, make: MakeFunction) -> None:
        name = "arn:aws:lambda:invalid-region:123456789012:function:" + "a" * 140
        code, text = refusal(make, FunctionName=name)
        assert code == "ValidationException"
        assert text.startswith("2 validation errors detected: Value 'arn:")
        assert "Member must have length less than or equal to 140; Value 'arn:" in text
        assert "Member must satisfy regular expression pattern: " in text

    @pytest.mark.parametrize("runtime", ["no-such-runtime", "PYTHON3.12"])
    def test_of_a_runtime(self, functions: Any, make: MakeFunction, shared: str, runtime: str) -> None:
        for call, request in (
            (make, {"Runtime": runtime}),
            (functions.update_function_configuration, {"FunctionName": shared, "Runtime": runtime}),
        ):
            code, text = refusal(call, **request)
            assert code == INVALID
            assert text.startswith(
                f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy "
                "enum value set: ["
            )
            assert text.endswith("] or be a valid ARN")

    def test_of_an_architecture(self, make: MakeFunction) -> None:
        assert refusal(make, Architectures=["X86_64"]) == (
            "ValidationException",
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], "
            "Member must not be null]",
        )

    def test_deleting_a_version_that_is_not_there(self, functions: Any, shared: str) -> None:
        functions.delete_function(FunctionName=shared, Qualifier="1233")
        assert refusal(functions.delete_function, FunctionName="nobody", Qualifier="1233") == (
            NOT_FOUND,
            f"Function not found: {ARN}nobody",
        )


class TestAliases:
    def create(self, functions: Any, function: str, **more: Any) -> tuple[str, str]:
        request = {"FunctionName": function, "Name": "custom", "FunctionVersion": "1", **more}
        return refusal(functions.create_alias, **request)

    def test_routing(self, functions: Any, shared: str) -> None:
        def weights(**shares: float) -> dict[str, Any]:
            return {"RoutingConfig": {"AdditionalVersionWeights": shares}}

        assert self.create(functions, shared, **weights(**{"2": 2.0})) == (
            "ValidationException",
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed "
            "to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or "
            "equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
        )
        code, text = self.create(functions, shared, **weights(**{"$LATEST": 0.5}))
        assert code == "ValidationException"
        assert text.endswith(
            "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member "
            "must have length greater than or equal to 1, Member must satisfy regular expression pattern: "
            "[0-9]+, Member must not be null]"
        )
        assert self.create(functions, shared + "x", **weights(**{"2": 0.5})) == (
            NOT_FOUND,
            f"Function not found: {ARN}{shared}x:1",
        )
        assert self.create(functions, shared, **weights(**{"10": 0.5}))[1].endswith(f"{shared}:10")

    def test_latest_beside_another_one_has_no_type(self, functions: Any, shared: str) -> None:
        found = answer_of(
            functions.create_alias,
            FunctionName=shared,
            Name="custom",
            FunctionVersion="$LATEST",
            RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
        )
        assert found["message"] == "$LATEST is not supported for an alias pointing to more than 1 version"
        assert "Type" not in found

    def test_not_found_reads_otherwise_in_updates(self, functions: Any, shared: str) -> None:
        named = {"FunctionName": shared, "Name": "none"}
        assert refusal(functions.update_alias, **named) == (
            NOT_FOUND,
            f"Alias not found: {ARN}{shared}:none",
        )
        assert refusal(functions.get_alias, **named) == (
            NOT_FOUND,
            f"Cannot find alias arn: {ARN}{shared}:none",
        )


class TestConcurrency:
    @pytest.mark.parametrize("verb", ["get", "delete", "put"])
    def test_provisioned(self, functions: Any, shared: str, verb: str) -> None:
        call = getattr(functions, f"{verb}_provisioned_concurrency_config")
        more = {"ProvisionedConcurrentExecutions": 1} if verb == "put" else {}

        def told(function: str, qualifier: str) -> tuple[str, str]:
            return refusal(call, FunctionName=function, Qualifier=qualifier, **more)

        for function in (shared, "nobody"):
            assert told(function, "no") == (NOT_FOUND, f"Cannot find alias arn: {ARN}{function}:no")
            assert told(function, "10") == (NOT_FOUND, f"Function not found: {ARN}{function}:10")
        assert told(shared, "$LATEST") == (
            INVALID,
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
            if verb == "put"
            else "The function resource provided must be an alias or a published version.",
        )

    def test_reserved(self, functions: Any, shared: str) -> None:
        put = functions.put_function_concurrency
        assert refusal(put, FunctionName="nobody", ReservedConcurrentExecutions=1) == (
            NOT_FOUND,
            f"Function not found: {ARN}nobody:$LATEST",
        )
        assert refusal(put, FunctionName=f"{shared}:1", ReservedConcurrentExecutions=1) == (
            INVALID,
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this "
            "operation. Please specify either a function name or an unqualified function ARN.",
        )
        found = answer_of(put, FunctionName=shared, ReservedConcurrentExecutions=1000)
        assert "below its minimum value of [" in found["message"]
        assert "Type" not in found

    def test_reserved_below_provisioned(self, functions: Any, make: MakeFunction) -> None:
        name = make(Publish=True)
        functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier="1")
        functions.put_provisioned_concurrency_config(
            FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=2
        )
        put = functions.put_function_concurrency
        found = answer_of(put, FunctionName=name, ReservedConcurrentExecutions=1)
        assert found["message"] == (
            " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned "
            "concurrency [2]."
        )
        assert "Type" not in found
        put(FunctionName=name, ReservedConcurrentExecutions=2)
        throttled = answer_of(functions.invoke, FunctionName=name)
        assert throttled["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
        assert "retryAfterSeconds" not in throttled


class TestPolicies:
    def test_of_what_is_not_there(self, functions: Any, shared: str) -> None:
        statement = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}

        def add(qualifier: str) -> tuple[str, str]:
            return refusal(functions.add_permission, FunctionName=shared, Qualifier=qualifier, **statement)

        here = f"{ARN}{shared}"
        assert add("nobody") == (NOT_FOUND, f"Cannot find alias arn: {here}:nobody")
        assert add("42") == (NOT_FOUND, f"Function not found: {here}:42")
        assert add("with-$-in-it") == (NOT_FOUND, f"Function not found: {here}:with-$-in-it")
        assert add("$LATEST") == (INVALID, "We currently do not support adding policies for $LATEST.")
        assert refusal(functions.add_permission, FunctionName="nobody", **statement) == (
            NOT_FOUND,
            f"Function not found: {ARN}nobody",
        )
        remove = functions.remove_permission
        assert refusal(remove, FunctionName="nobody", StatementId="s") == (
            NOT_FOUND,
            f"No policy found for: {ARN}nobody",
        )
        assert refusal(remove, FunctionName=shared, StatementId="s", Qualifier="no") == (
            NOT_FOUND,
            f"Cannot find alias arn: {here}:no",
        )
        assert refusal(remove, FunctionName=shared, StatementId="s") == (
            NOT_FOUND,
            "No policy is associated with the given resource.",
        )
        assert refusal(functions.get_policy, FunctionName="nobody")[1] == f"Function not found: {ARN}nobody"
        assert refusal(functions.get_policy, FunctionName=shared, Qualifier="77") == (
            NOT_FOUND,
            "The resource you requested does not exist.",
        )


class TestAsynchronousInvocation:
    def test_of_what_is_not_there(self, functions: Any, shared: str) -> None:
        put = functions.put_function_event_invoke_config
        for missing in ({"FunctionName": "nobody"}, {"FunctionName": shared, "Qualifier": "no"}):
            assert refusal(put, MaximumRetryAttempts=1, **missing) == (
                NOT_FOUND,
                "The function doesn't exist.",
            )
        update = functions.update_function_event_invoke_config
        assert refusal(update, FunctionName="nobody", MaximumRetryAttempts=1)[0] == NOT_FOUND
        assert refusal(functions.list_function_event_invoke_configs, FunctionName="nobody") == (
            NOT_FOUND,
            "The function doesn't exist.",
        )
        for verb in ("get", "delete"):
            call = getattr(functions, f"{verb}_function_event_invoke_config")
            for name, qualifier in (("nobody", "$LATEST"), (shared, "1221")):
                assert refusal(call, FunctionName=name, Qualifier=qualifier) == (
                    NOT_FOUND,
                    f"The function {ARN}{name}:{qualifier} doesn't have an EventInvokeConfig",
                )
            assert f"{ARN}nobody:$LATEST" in refusal(call, FunctionName="nobody")[1]

    def test_destinations_that_are_none(self, functions: Any, shared: str) -> None:
        put = functions.put_function_event_invoke_config
        iam = f"arn:aws:iam:us-east-1:123456789012:function:{shared}"
        config = {"OnSuccess": {"Destination": iam}}
        assert refusal(put, FunctionName=shared, DestinationConfig=config) == (
            INVALID,
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination="
            f"{iam}), onFailure=null) is invalid.",
        )
        queue = {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}
        assert refusal(put, FunctionName=shared, DestinationConfig=queue)[0] == "NotImplemented"


class TestLayers:
    def test_versions(self, functions: Any, make: MakeFunction) -> None:
        name = unique("layer")
        two = [
            functions.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(x__py="")})[
                "LayerVersionArn"
            ]
            for _ in range(2)
        ]
        for call in (functions.get_layer_version, functions.delete_layer_version):
            for number in (0, -1):
                assert refusal(call, LayerName=name, VersionNumber=number) == (
                    INVALID,
                    "Layer Version Cannot be less than 1",
                )
        assert refusal(functions.get_layer_version_policy, LayerName="none", VersionNumber=1) == (
            NOT_FOUND,
            "Layer version arn:aws:lambda:us-east-1:123456789012:layer:none:1 does not exist.",
        )
        assert refusal(make, Layers=two) == (
            INVALID,
            "Two different versions of the same layer are not allowed to be referenced in the same "
            f"function. {two[0]} and {two[1]} are versions of the same layer.",
        )


def test_tags(functions: Any, shared: str) -> None:
    tags = {str(number): "x" for number in range(51)}
    assert refusal(functions.tag_resource, Resource=f"{ARN}{shared}", Tags=tags) == (
        INVALID,
        "Number of tags exceeds resource tag limit.",
    )
    assert refusal(functions.untag_resource, Resource=f"{ARN}{shared}", TagKeys=[]) == (
        "ValidationException",
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must "
        "not be null",
    )


class TestEventSources:
    def test_there_are_none(self, functions: Any, shared: str) -> None:
        assert functions.list_event_source_mappings()["EventSourceMappings"] == []
        uuid = "16a97a09-4b3f-4f0c-9a5e-0a8a7c1d2e3f"
        for verb in ("get", "update", "delete"):
            call = getattr(functions, f"{verb}_event_source_mapping")
            assert refusal(call, UUID=uuid) == (NOT_FOUND, "The resource you requested does not exist.")
        create = functions.create_event_source_mapping
        queue = "arn:aws:sqs:us-east-1:123456789012:q"
        assert refusal(create, FunctionName=shared) == (INVALID, "Unrecognized event source.")
        assert refusal(create, FunctionName="nobody", EventSourceArn=queue) == (
            INVALID,
            "Function does not exist",
        )
        for source, named in (
            (queue, "SQS queues"),
            ("arn:aws:kinesis:us-east-1:123456789012:stream/s", "Kinesis streams"),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000", "DynamoDB"),
        ):
            code, text = refusal(
                create, FunctionName=shared, EventSourceArn=source, StartingPosition="LATEST"
            )
            assert code == "NotImplemented"
            assert text.startswith(named)
            assert text.endswith("as event sources are not implemented.")


class TestCodeSigning:
    def test_there_is_none(self, functions: Any, shared: str) -> None:
        arn = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-0123456789abcdef0"
        found = functions.get_function_code_signing_config(FunctionName=shared)
        assert found.keys() == {"ResponseMetadata"}
        functions.delete_function_code_signing_config(FunctionName=shared)
        assert functions.list_code_signing_configs()["CodeSigningConfigs"] == []
        missing = f"The Lambda code signing configuration {arn} can not be found."
        for verb in ("get", "update", "delete"):
            call = getattr(functions, f"{verb}_code_signing_config")
            assert refusal(call, CodeSigningConfigArn=arn) == (NOT_FOUND, missing)
        put = functions.put_function_code_signing_config
        assert refusal(put, FunctionName=shared, CodeSigningConfigArn=arn) == (
            "CodeSigningConfigNotFoundException",
            "The code signing configuration cannot be found. Check that the provided configuration is not "
            f"deleted: {arn}.",
        )


class TestUrls:
    def test_there_are_none(self, functions: Any, shared: str) -> None:
        for verb in ("get", "delete"):
            call = getattr(functions, f"{verb}_function_url_config")
            for name in (shared, "nobody"):
                assert refusal(call, FunctionName=name) == (
                    NOT_FOUND,
                    "The resource you requested does not exist.",
                )
            elsewhere = f"arn:aws:lambda:eu-west-3:123456789012:function:{shared}"
            assert refusal(call, FunctionName=elsewhere) == (
                NOT_FOUND,
                "Functions from 'eu-west-3' are not reachable in this region ('us-east-1')",
            )
        listed = functions.list_function_url_configs
        assert listed(FunctionName=shared)["FunctionUrlConfigs"] == []
        assert refusal(listed, FunctionName="nobody") == (NOT_FOUND, "Function does not exist")
        for name, more in (("nobody", {}), (shared, {"Qualifier": "nobody"})):
            create = functions.create_function_url_config
            assert refusal(create, FunctionName=name, AuthType="NONE", **more)[1] == "Function does not exist"
        update = functions.update_function_url_config
        assert refusal(update, FunctionName=shared, AuthType="NONE")[0] == NOT_FOUND

    def test_members_are_for_one_action_each(self, functions: Any, shared: str) -> None:
        for member, value, action, other in (
            ("FunctionUrlAuthType", "NONE", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"),
            ("InvokedViaFunctionUrl", True, "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
        ):
            assert refusal(
                functions.add_permission,
                FunctionName=shared,
                StatementId="s",
                Principal="*",
                Action=other,
                **{member: value},
            ) == ("InvalidParameterValueException", f"{member} is only supported for {action} action")


class TestSizes:
    def test_of_time_and_memory(self, make: MakeFunction) -> None:
        assert refusal(make, Timeout=901, MemorySize=10241) == (
            "ValidationException",
            "2 validation errors detected: Value '901' at 'timeout' failed to satisfy constraint: Member "
            "must have value less than or equal to 900; Value '10241' at 'memorySize' failed to satisfy "
            "constraint: Member must have value less than or equal to 10240",
        )

    def test_of_a_request(self, make: MakeFunction) -> None:
        # In base64 it is larger than the front door takes.
        assert refusal(make, Code={"ZipFile": bytes(53_000_000)}) == (
            "RequestEntityTooLargeException",
            "Request must be smaller than 70167211 bytes for the CreateFunction operation",
        )

    def test_of_events(self, functions: Any, shared: str) -> None:
        assert refusal(functions.invoke, FunctionName=shared, Payload=b"1" * 6_291_457) == (
            "RequestEntityTooLargeException",
            "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        )
        queued = {"FunctionName": shared, "InvocationType": "Event", "Payload": b"1" * 1_048_577}
        assert refusal(functions.invoke, **queued) == (
            "RequestEntityTooLargeException",
            "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
        )
