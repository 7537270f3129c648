"""What no client of good will sends."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ServiceError
from sagehen.protocol.errors import InvalidArgument, MalformedInput, MalformedXML, SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.reading.parse import parse

CATALOG = Catalog(["s3", "sagemaker", "iam", "cloudwatch", "sts"])


def refused(service: str, operation: str, protocol: str, body: bytes, **request: object) -> ServiceError:
    message = HttpRequest("POST", "/", body=body, **request)  # type: ignore[arg-type]
    with pytest.raises(ServiceError) as caught:
        parse(CATALOG.service(service).operation(operation), protocol, message, {})
    return caught.value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "Could not parse request body into json"),
        (b"\xff", "Could not parse request body into json"),
        (b"[]", "Start of list found where not expected"),
        (b'{"TrainingJobName": 1}', "NUMBER_VALUE can not be converted to a String"),
        (b'{"TrainingJobName": {}}', "Start of structure or map found where not expected"),
        (b'{"ResourceConfig": {"InstanceCount": "1"}}', "STRING_VALUE can not be converted to an Integer"),
        (
            b'{"ResourceConfig": {"InstanceCount": 3e9}}',
            "DECIMAL_VALUE can not be converted to an Integer",
        ),
        (b'{"EnableNetworkIsolation": 1}', "NUMBER_VALUE can not be converted to a Boolean"),
        (b'{"a":' * 100_000, "Could not parse request body into json"),
    ],
)
def test_json(body: bytes, text: str) -> None:
    error = refused("sagemaker", "CreateTrainingJob", "json", body)
    assert isinstance(error, SerializationException) and error.message == text


def test_json_nulls_are_absent_and_unknown_members_ignored() -> None:
    body = b'{"TrainingJobName": "a", "RoleArn": null, "Later": 1, "HyperParameters": {"x": null}}'
    operation = CATALOG.service("sagemaker").operation("CreateTrainingJob")
    read = parse(operation, "json", HttpRequest("POST", "/", body=body), {})
    assert read == {"TrainingJobName": "a", "HyperParameters": {"x": None}}


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete>",
        b"<Tagging/>",
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Delete/>',
        b"<Delete><Quiet>perhaps</Quiet></Delete>",
    ],
)
def test_xml(body: bytes) -> None:
    error = refused("s3", "DeleteObjects", "rest-xml", body, query="delete")
    assert isinstance(error, MalformedXML)


def test_s3_headers_and_query() -> None:
    error = refused("s3", "ListObjectsV2", "rest-xml", b"", query="list-type=2&max-keys=many")
    assert isinstance(error, InvalidArgument)


@pytest.mark.parametrize(
    "body",
    [
        b"Tags.member.x.Key=a",
        b"MaxItems=1_0",
        b"MaxItems=" + b"9" * 5000,
        b"a" + b".a" * 5000 + b"=1",
        b"\xff=1",
    ],
)
def test_query(body: bytes) -> None:
    operation = "ListUsers" if body.startswith(b"Max") else "CreateRole"
    assert isinstance(refused("iam", operation, "query", body), MalformedInput)


def test_query_lists_are_ordered_by_number() -> None:
    pairs = "&".join(f"ActionNames.member.{n}=a{n}" for n in (10, 2, 1))
    operation = CATALOG.service("iam").operation("SimulatePrincipalPolicy")
    read = parse(operation, "query", HttpRequest("POST", "/", body=pairs.encode()), {})
    assert read["ActionNames"] == ["a1", "a2", "a10"]


@pytest.mark.parametrize(
    "body", [b"\xff", b"\xa1", b"\x81" * 100_000, b"\xa1hMetricNa", b"\xa1jMetricName\x01"]
)
def test_cbor(body: bytes) -> None:
    error = refused("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor", body)
    assert isinstance(error, SerializationException)
