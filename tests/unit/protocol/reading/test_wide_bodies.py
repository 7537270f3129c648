"""Bodies that hold more than a request can: refused before they are built, and read off the loop."""

from __future__ import annotations

import cbor2
import pytest

from sagehen.api.bounded.budget import within
from sagehen.api.errors import ServiceError
from sagehen.protocol.errors import MalformedInput, MalformedXML, SerializationException
from sagehen.protocol.http import HttpRequest
from sagehen.protocol.reading.parse import parse
from sagehen.protocol.validation.validate import validate
from tests.protocol.botocore_side import CATALOG

NULLS = b"\xa0" * (2 << 20) + b"0"
LISTS = b'{"a":[' + b"[]," * 200_000 + b"1]}"
DEEP = b"<Delete>" + b"<Object>" * 40 + b"</Object>" * 40 + b"</Delete>"


@pytest.mark.parametrize(
    ("service", "operation", "protocol", "body", "refusal"),
    [
        ("s3", "DeleteObjects", "rest-xml", b"<Delete>" + b"<Object/>" * 10_001 + b"</Delete>", MalformedXML),
        ("s3", "DeleteObjects", "rest-xml", DEEP, MalformedXML),
        ("cloudwatch", "PutMetricData", "json", LISTS, SerializationException),
        ("cloudwatch", "PutMetricData", "query", b"a=1&" * 320_001, MalformedInput),
        ("cloudwatch", "PutMetricData", "smithy-rpc-v2-cbor", NULLS, SerializationException),
    ],
    ids=range(5),
)  # fmt: skip
def test_it_is_refused(
    service: str, operation: str, protocol: str, body: bytes, refusal: type[ServiceError]
) -> None:
    with pytest.raises(refusal):
        parse(
            CATALOG.service(service).operation(operation), protocol, HttpRequest("POST", "/", body=body), {}
        )


def test_a_budget_ends_what_is_within_the_limits() -> None:
    body = b"<CompleteMultipartUpload>" + b"<Part/>" * 100_000 + b"</CompleteMultipartUpload>"
    operation = CATALOG.service("s3").operation("CompleteMultipartUpload")
    with pytest.raises(MalformedXML):
        within(0.0, parse, operation, "rest-xml", HttpRequest("POST", "/", body=body), {})
    operation = CATALOG.service("cloudwatch").operation("PutMetricData")
    message = HttpRequest("POST", "/", body=cbor2.dumps({"a": [[]] * 20_000}))
    with pytest.raises(SerializationException):
        within(0.0, parse, operation, "smithy-rpc-v2-cbor", message, {})


def test_the_widest_documents_of_aws_are_read() -> None:
    part = b"<Part><ETag>e</ETag><PartNumber>%d</PartNumber><ChecksumCRC32>c</ChecksumCRC32></Part>"
    body = b"".join(part % number for number in range(1, 10_001))
    message = HttpRequest(
        "POST", "/", body=b"<CompleteMultipartUpload>" + body + b"</CompleteMultipartUpload>"
    )
    read = parse(CATALOG.service("s3").operation("CompleteMultipartUpload"), "rest-xml", message, {})
    assert len(read["MultipartUpload"]["Parts"]) == 10_000
    one = b"<Object><Key>k</Key><VersionId>v</VersionId><ETag>e</ETag><Size>1</Size></Object>"
    message = HttpRequest("POST", "/", body=b"<Delete>" + one * 1_000 + b"</Delete>")
    read = parse(CATALOG.service("s3").operation("DeleteObjects"), "rest-xml", message, {})
    assert len(read["Delete"]["Objects"]) == 1_000
    metric = b'{"MetricName":"m","Values":[' + b"1," * 149 + b'1],"Counts":[' + b"1," * 149 + b"1]}"
    data = b'{"Namespace":"n","MetricData":[' + b",".join([metric] * 1_000) + b"]}"
    operation = CATALOG.service("cloudwatch").operation("PutMetricData")
    read = parse(operation, "json", HttpRequest("POST", "/", body=data), {})
    assert len(read["MetricData"]) == 1_000


def test_a_hundred_faults_are_named_at_the_most() -> None:
    operation = CATALOG.service("cloudwatch").operation("PutMetricData")
    with pytest.raises(ServiceError) as raised:
        validate(operation, "json", {"Namespace": "n", "MetricData": [None] * 5_000})
    assert raised.value.message.startswith("100 validation errors detected")
