"""A browser's uploads: fields and their effect, and what a form lacks."""

from __future__ import annotations

import re
from email.header import decode_header
from typing import Any

import pytest
import urllib3
from botocore.config import Config

from .conftest import refused

HTTP = urllib3.PoolManager(retries=False, timeout=60)
TAG = "<Tag><Key>{0}</Key><Value>{1}</Value></Tag>"


def posted(s3: Any, bucket: str, fields: dict[str, str], key: str = "k") -> dict[str, Any]:
    post: dict[str, Any] = s3.generate_presigned_post(
        bucket, key, Fields=dict(fields), Conditions=[{name: value} for name, value in fields.items()]
    )
    return post


def sent(post: dict[str, Any], without: tuple[str, ...] = (), file: Any = ("f.txt", b"data")) -> Any:
    fields = {name: value for name, value in post["fields"].items() if name not in without}
    return HTTP.request("POST", post["url"], fields={**fields, "file": file})


@pytest.mark.parametrize("pairs", [[("TagName", "TagValue")], [("A", "1"), ("B", "&<2")]])
def test_tags_of_a_form(s3: Any, bucket: str, pairs: list[tuple[str, str]]) -> None:
    tags = "".join(TAG.format(name, value.replace("&", "+")) for name, value in pairs).replace("<2", "2")
    document = f"<Tagging><TagSet>{tags}</TagSet></Tagging>"
    assert sent(posted(s3, bucket, {"tagging": document})).status == 204
    stored = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert [tag["Key"] for tag in stored] == [name for name, _ in pairs]
    assert s3.get_object(Bucket=bucket, Key="k")["TagCount"] == len(pairs)


def test_tags_that_are_none(s3: Any, bucket: str) -> None:
    other = "<InvalidXmlTagging></InvalidXmlTagging>"
    assert sent(posted(s3, bucket, {"tagging": other}, "other")).status == 204
    assert s3.get_object_tagging(Bucket=bucket, Key="other")["TagSet"] == []
    answer = sent(posted(s3, bucket, {"tagging": "not-xml"}))
    assert answer.status == 400 and b"<Code>MalformedXML</Code>" in answer.data
    assert refused(s3.head_object, Bucket=bucket, Key="k")["Status"] == 404


def test_the_file_as_a_plain_field(s3: Any, bucket: str) -> None:
    assert sent(posted(s3, bucket, {}, "in/${filename}")).status == 204
    assert sent(posted(s3, bucket, {}, "in/${filename}"), file=b"no name").status == 204
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["in/${filename}", "in/f.txt"]


@pytest.mark.parametrize(
    ("version", "without", "named"),
    [
        ("s3", ("signature",), "Signature"),
        ("s3", ("AWSAccessKeyId",), "AWSAccessKeyId"),
        ("s3v4", ("x-amz-signature",), "X-Amz-Signature"),
        ("s3v4", ("x-amz-algorithm", "x-amz-credential"), "X-Amz-Algorithm"),
    ],
)
def test_a_field_is_missing(client: Any, bucket: str, version: str, without: Any, named: str) -> None:
    signer = client("s3", config=Config(signature_version=version))
    answer = sent(posted(signer, bucket, {}), without)
    text = answer.data.decode()
    assert answer.status == 400 and "<Code>InvalidArgument</Code>" in text
    assert (
        f"<Message>Bucket POST must contain a field named '{named}'.  If it is specified, please check the "
        "order of the fields.</Message>"
    ) in text
    assert f"<ArgumentName>{named}</ArgumentName><ArgumentValue></ArgumentValue>" in text
    assert re.search("<RequestId>.+</RequestId><HostId>.+</HostId>", text) and "<Resource>" not in text


def test_no_signature_at_all(s3: Any, bucket: str) -> None:
    post = posted(s3, bucket, {})
    post["fields"] = {name: post["fields"][name] for name in ("key", "policy")}
    answer = sent(post)
    assert answer.status == 403 and b"<Code>AccessDenied</Code>" in answer.data


def test_a_storage_class_that_is_none(s3: Any, bucket: str) -> None:
    answer = sent(posted(s3, bucket, {"x-amz-storage-class": "FakeClass"}))
    assert answer.status == 400
    assert b"<Code>InvalidStorageClass</Code>" in answer.data
    assert b"<StorageClassRequested>FakeClass</StorageClassRequested>" in answer.data


def test_metadata_that_no_header_can_carry(s3: Any, bucket: str) -> None:
    assert sent(posted(s3, bucket, {"x-amz-meta-a": "a\x01b"})).status == 204
    stored = s3.head_object(Bucket=bucket, Key="k")["Metadata"]["a"]
    content, charset = decode_header(stored)[0]
    assert content.decode(charset) == "a\x01b"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
