from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.patterns import compile_pattern
from sagehen.protocol.validation.validate import validate

CATALOG = Catalog(["s3", "sagemaker", "iam", "ec2", "cloudwatch", "logs", "sagemaker-runtime", "apigateway"])


def refusal(service: str, operation: str, protocol: str, request: dict[str, Any]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        validate(CATALOG.service(service).operation(operation), protocol, request)
    return caught.value


def test_pattern_length_and_null_read_as_from_aws() -> None:
    request = {"TrainingJobName": "under_score"}
    error = refusal("sagemaker", "DescribeTrainingJob", "json", request)
    assert error.code == "ValidationException"
    assert error.message.startswith(
        "1 validation error detected: Value 'under_score' at 'trainingJobName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: "
    )
    assert refusal("sagemaker", "DescribeTrainingJob", "json", {}).message == (
        "1 validation error detected: Value null at 'trainingJobName' failed to satisfy constraint: "
        "Member must not be null"
    )
    long = refusal("sagemaker", "DescribeTrainingJob", "json", {"TrainingJobName": "a" * 64}).message
    # Each constraint is judged by itself, also where another one is broken already (recorded of Lambda).
    assert long.startswith("2 validation errors detected: ")
    assert "Member must have length less than or equal to 63; Value " in long


def test_paths_counts_ranges_and_enums() -> None:
    variant = {"VariantName": "-", "ModelName": "m", "InitialInstanceCount": -1, "InstanceType": "ml.none"}
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
    message = refusal("sagemaker", "CreateEndpointConfig", "json", request).message
    assert message.startswith("3 validation errors detected: ")
    assert "Value '-' at 'productionVariants.1.member.variantName' failed" in message
    assert "Value '-1' at 'productionVariants.1.member.initialInstanceCount'" in message
    assert "Member must have value greater than or equal to " in message
    assert "Member must satisfy enum value set: [ml." in message


def test_items_of_lists_and_maps_are_named_by_their_container() -> None:
    request = {"ModelName": "m", "VpcConfig": {"SecurityGroupIds": ["$"], "Subnets": ["s"]}}
    message = refusal("sagemaker", "CreateModel", "json", request).message
    assert "Value '[$]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: " in message
    assert "Member must satisfy constraint: [Member must have length less than or equal to 32, " in message
    assert message.endswith(", Member must not be null]")
    job = {"AlgorithmSpecification": {"TrainingInputMode": "File"}, "HyperParameters": {"k": "v" * 2501}}
    message = refusal("sagemaker", "CreateTrainingJob", "json", job).message
    assert (
        "at 'hyperParameters' failed to satisfy constraint: Map value must satisfy constraint: [" in message
    )


def test_a_null_in_a_list_or_a_map_is_refused_whatever_else_it_demands() -> None:
    message = refusal("apigateway", "CreateApiKey", "rest-json", {"tags": {"a": None}}).message
    assert message.endswith(
        "Value '{a=null}' at 'createApiKeyInput.tags' failed to satisfy constraint: Map value must satisfy "
        "constraint: [Member must not be null]"
    )
    message = refusal(
        "apigateway", "CreateRestApi", "rest-json", {"name": "a", "binaryMediaTypes": [None]}
    ).message
    assert "Value null at 'createRestApiInput.binaryMediaTypes.1.member' failed" in message
    throttles = {"name": "p", "apiStages": [{"throttle": {"/a": None}}]}
    assert (
        "apiStages.1.member.throttle' failed"
        in refusal("apigateway", "CreateUsagePlan", "rest-json", throttles).message
    )


def test_secrets_are_not_repeated() -> None:
    request = {"UserName": "u", "Password": "\u0000secret"}
    error = refusal("iam", "CreateLoginProfile", "query", request)
    assert error.code == "ValidationError"
    assert "Value at 'password'" in error.message and "secret" not in error.message


def test_codes_by_protocol() -> None:
    missing = refusal("ec2", "TerminateInstances", "ec2", {})
    assert (missing.code, missing.message) == (
        "MissingParameter",
        "The request must contain the parameter InstanceIds",
    )
    body = {"Bucket": "b", "Delete": {"Objects": [{}]}}
    assert refusal("s3", "DeleteObjects", "rest-xml", body).code == "MalformedXML"
    assert refusal("s3", "DeleteObjects", "rest-xml", {"Bucket": "b"}).code == "MissingRequestBodyError"
    directive = {"Bucket": "b", "Key": "k", "CopySource": "b/k", "MetadataDirective": "MERGE"}
    assert refusal("s3", "CopyObject", "rest-xml", directive).code == "InvalidArgument"
    assert refusal("cloudwatch", "PutMetricData", "json", {}).code == "ValidationError"


def test_a_service_whose_model_says_validation_error_gets_that_name() -> None:
    request = {"EndpointName": "dogs", "Body": b"", "SessionId": "no session"}
    assert refusal("sagemaker-runtime", "InvokeEndpoint", "rest-json", request).code == "ValidationError"


def test_good_input_passes() -> None:
    operation = CATALOG.service("logs").operation("PutLogEvents")
    events = [{"timestamp": 1, "message": "m"}]
    good = {"logGroupName": "/aws/g", "logStreamName": "s", "logEvents": events}
    assert validate(operation, "json", good) is None


def test_java_patterns() -> None:
    tag = compile_pattern(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")
    assert tag and tag.fullmatch("é ß1:字") and not tag.fullmatch("a;b")
    plane = compile_pattern("[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*")
    assert plane and plane.fullmatch("a\U0001f600\n") and not plane.fullmatch("\x01")
    name = compile_pattern(r"[\w+=,.@-]+")
    assert name is not None
    assert name.fullmatch("A_1") and not name.fullmatch("\u00e9") and not name.fullmatch("\u0661")
    assert compile_pattern("(") is None
