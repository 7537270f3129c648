"""Descriptions read backwards: what would make a thing again, and nothing that AWS adds or chooses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
import pytest

from sagehen.export.reading import bucket_settings
from sagehen.export.reading.apis import _method_setting, _policy
from sagehen.export.reading.permissions import permission
from sagehen.export.reading.reverse import _defaults, properties
from sagehen.services.cloudformation.types.conversions import CONVERSIONS
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import resource_types


@cache
def shape(service: str, operation: str) -> Any:
    return botocore.session.get_session().get_service_model(service).operation_model(operation).input_shape


@pytest.mark.parametrize(
    ("type_", "service", "operation", "described", "wanted"),
    [
        (
            "AWS::SageMaker::EndpointConfig",
            "sagemaker",
            "CreateEndpointConfig",
            {
                "EndpointConfigName": "c",
                "EndpointConfigArn": "arn:…",
                "CreationTime": "…",
                "EnableNetworkIsolation": False,
                "ProductionVariants": [
                    {"VariantName": "a", "InitialVariantWeight": 1.0, "ManagedInstanceScaling": {}},
                    {"VariantName": "b", "InitialVariantWeight": 0.5},
                ],
            },
            {
                "EndpointConfigName": "c",
                "ProductionVariants": [
                    {"VariantName": "a"},
                    {"VariantName": "b", "InitialVariantWeight": 0.5},
                ],
            },
        ),
        (
            "AWS::Lambda::Function",
            "lambda",
            "CreateFunction",
            {
                "FunctionName": "f",
                "CodeSha256": "…",
                "Timeout": 3,
                "MemorySize": 256,
                "KMSKeyArn": "k",
                "EphemeralStorage": {"Size": 512},
                "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
                "Tags": {"a": "b"},
            },
            {"FunctionName": "f", "MemorySize": 256, "KmsKeyArn": "k", "Tags": [{"Key": "a", "Value": "b"}]},
        ),
        (
            "AWS::ApiGateway::Model",
            "apigateway",
            "CreateModel",
            {"id": "x", "name": "M", "schema": '{"type": "object"}', "contentType": "application/json"},
            {"Name": "M", "Schema": {"type": "object"}, "ContentType": "application/json"},
        ),
    ],
)
def test_properties_of_a_description(
    type_: str, service: str, operation: str, described: Mapping[str, Any], wanted: Mapping[str, Any]
) -> None:
    assert properties(type_, described, shape(service, operation)) == wanted


def test_defaults_are_of_types_that_are_there() -> None:
    assert set(_defaults()) <= set(resource_types())


INVOKE = {"Sid": "s", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "arn:…"}


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"Principal": "*"}, {"Principal": "*"}),
        ({"Principal": {"Service": "s3.amazonaws.com"}}, {"Principal": "s3.amazonaws.com"}),
        (
            {"Principal": {"AWS": "1"}, "Condition": {"ArnLike": {"AWS:SourceArn": "arn:x"}}},
            {"Principal": "1", "SourceArn": "arn:x"},
        ),
        (
            {"Principal": "*", "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}},
            {"Principal": "*", "InvokedViaFunctionUrl": True},
        ),
        ({"Principal": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}, None),
        ({"Principal": {"AWS": ["1", "2"]}}, None),
    ],
)
def test_a_statement_becomes_the_permission_that_writes_it(more: Any, wanted: Any) -> None:
    told = permission({**INVOKE, **more})
    assert told == (None if wanted is None else {"Action": "lambda:InvokeFunction", **wanted})


RULES = [
    {"Id": "a", "Status": "Enabled", "ExpirationInDays": 3, "Prefix": "x/"},
    {
        "Id": "b",
        "Status": "Disabled",
        "TagFilters": [{"Key": "k", "Value": "v"}],
        "ObjectSizeGreaterThan": 5,
        "Transitions": [{"TransitionInDays": 1, "StorageClass": "GLACIER"}],
        "NoncurrentVersionTransitions": [{"TransitionInDays": 2, "StorageClass": "GLACIER"}],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
    },
    {"Id": "c", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
]
SITE = {
    "IndexDocument": "index.html",
    "ErrorDocument": "error.html",
    "RoutingRules": [
        {"RedirectRule": {"HostName": "h"}, "RoutingRuleCondition": {"KeyPrefixEquals": "x"}},
    ],
}
CORS = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "ExposedHeaders": ["x"], "MaxAge": 3, "Id": "i"}]


def test_settings_of_buckets_come_back_as_they_were_made() -> None:
    known = Known({})
    assert bucket_settings.lifecycle(CONVERSIONS["lifecycle"](RULES, known)) == {"Rules": RULES}
    assert bucket_settings.website(CONVERSIONS["website"](SITE, known)) == SITE
    assert bucket_settings.cors(CONVERSIONS["cors"](CORS, known)) == {"CorsRules": CORS}
    rules = [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]
    told = bucket_settings.encryption(CONVERSIONS["encryption"](rules, known))
    assert told == {"ServerSideEncryptionConfiguration": rules}


@pytest.mark.parametrize("escaped", [False, True])
def test_an_apis_policy_speaks_of_itself_without_an_id(escaped: bool) -> None:
    arn = "arn:aws:execute-api:us-east-1:1:abcde12345"
    text = '{"Statement": [{"Effect": "Allow", "Resource": "' + arn + '/*"}]}'
    told = _policy(text.replace('"', '\\"') if escaped else text, arn)
    assert told["Statement"][0]["Resource"] == "execute-api:/*"


@pytest.mark.parametrize(
    ("key", "path"),
    [("~1/GET", "/"), ("~1pets~1{id}/GET", "/~1pets~1{id}"), ("pets/GET", "/~1pets"), ("*/*", "/*")],
)
def test_settings_of_methods_name_their_paths_as_templates_do(key: str, path: str) -> None:
    told = _method_setting(key, {"metricsEnabled": True, "throttlingRateLimit": 10000.0})
    assert told == {"ResourcePath": path, "HttpMethod": key.rpartition("/")[2], "MetricsEnabled": True}
