from __future__ import annotations

from datetime import UTC, datetime

from sagehen.api.errors import ServiceError
from sagehen.api.operation import Reply
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.writing.serialize import serialize, serialize_error

CATALOG = Catalog(["s3", "sagemaker", "iam", "lambda", "cloudwatch"])
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class NoSuchKey(ServiceError):
    pass


class NoSuchEntity(ServiceError):
    pass


def s3(operation: str, result: object) -> HttpResponse:
    model = CATALOG.service("s3").operation(operation)
    return serialize(model, "rest-xml", result, request_id="r")  # type: ignore[arg-type]


def test_s3_roots_and_namespaces() -> None:
    body = s3("ListBuckets", {"Buckets": [{"Name": "b", "CreationDate": NOON}]}).body
    assert isinstance(body, bytes)
    assert b'<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' in body
    assert b"<Buckets><Bucket><Name>b</Name><CreationDate>2026-01-01T12:00:00.000Z</CreationDate>" in body


def test_s3_headers() -> None:
    metadata = {"plain": "a\r\nx: y", "beyond": "字"}
    response = s3("HeadObject", {"ContentLength": 5, "LastModified": NOON, "Metadata": metadata})
    assert response.body == b""
    assert response.headers["Content-Length"] == "5"
    assert response.headers["Last-Modified"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    assert response.headers["x-amz-meta-plain"] == "a  x: y"  # no header can be smuggled in
    assert response.headers["x-amz-meta-beyond"] == "=?UTF-8?B?5a2X?="
    assert response.headers["x-amz-request-id"] == "r" and response.headers["x-amz-id-2"]


def test_a_reply_chooses_status_and_headers() -> None:
    response = s3("GetObject", Reply({"Body": b"abc"}, status=206, headers={"X-Own": "1"}))
    assert (response.status, response.body, response.headers["X-Own"]) == (206, b"abc", "1")
    assert s3("GetObject", Reply({"Body": b"abc"}, status=304)).body == b""


def test_s3_errors_are_bare() -> None:
    error = NoSuchKey("The <key> is gone.", Key="a&b")
    response = serialize_error(CATALOG.service("s3"), "rest-xml", error, request_id="r")
    assert isinstance(response.body, bytes)
    text = response.body.decode()
    assert response.status == 404
    assert (
        "<Error><Code>NoSuchKey</Code><Message>The &lt;key&gt; is gone.</Message><Key>a&amp;b</Key>" in text
    )
    assert "<Key>a&amp;b</Key><RequestId>r</RequestId><HostId>" in text
    head = serialize_error(CATALOG.service("s3"), "rest-xml", error, request_id="r", head=True)
    assert (head.status, head.body) == (404, b"")


def test_query_errors_have_the_models_status_and_the_sender() -> None:
    response = serialize_error(CATALOG.service("iam"), "query", NoSuchEntity("No."), request_id="r")
    assert isinstance(response.body, bytes)
    assert response.status == 404
    assert (
        b"<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>No.</Message></Error>" in response.body
    )


def test_what_is_none_is_left_out() -> None:
    model = CATALOG.service("sagemaker").operation("DescribeTrainingJob")
    result = {"TrainingJobName": "a", "VpcConfig": None, "CreationTime": NOON, "NotAMember": 1}
    response = serialize(model, "json", result, request_id="r")
    assert response.body == b'{"TrainingJobName":"a","CreationTime":1767268800}'
    assert response.headers == {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "r"}


def test_header_members_of_errors() -> None:
    class TooManyRequestsException(ServiceError):
        pass

    error = TooManyRequestsException(
        "Rate Exceeded.", retryAfterSeconds="3", Reason="CallerRateLimitExceeded"
    )
    response = serialize_error(CATALOG.service("lambda"), "rest-json", error, request_id="r")
    assert (response.status, response.headers["Retry-After"]) == (429, "3")
    assert response.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert response.body == b'{"message":"Rate Exceeded.","Reason":"CallerRateLimitExceeded"}'
