"""Tags: what may stand in them."""

from __future__ import annotations

from typing import Any

from .conftest import refused


def test_what_tags_may_be(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k")

    def of_bucket(*pairs: tuple[str, str]) -> dict[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in pairs]
        return refused(s3.put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": tags})

    def of_object(*pairs: tuple[str, str]) -> dict[str, Any]:
        tags = [{"Key": key, "Value": value} for key, value in pairs]
        return refused(s3.put_object_tagging, Bucket=bucket, Key="k", Tagging={"TagSet": tags})

    invalid = {"Code": "InvalidTag", "Status": 400}
    for put in (of_bucket, of_object):
        assert put(("Key1", "a"), ("Key1", "b")) == {
            **invalid,
            "Message": "Cannot provide multiple Tags with the same key",
            "TagKey": "Key1",
        }
        assert put(("Key1,Key2", "a")) == {
            **invalid,
            "Message": "The TagKey you have provided is invalid",
            "TagKey": "Key1,Key2",
        }
    assert of_bucket(("Key1", "Val1,Val2")) == {
        **invalid,
        "Message": "The TagValue you have provided is invalid",
        "TagKey": "Key1",
        "TagValue": "Val1,Val2",
    }
    assert of_bucket(("aws:x", "a"))["Message"] == "System tags cannot be added/updated by requester"
    assert of_object(("aws:x", "a"))["Message"] == "Your TagKey cannot be prefixed with aws:"


def test_tags_in_a_header(s3: Any, bucket: str) -> None:
    for text in ("key1=val1,key2=val2", "key1=val1&key1=val2"):
        error = refused(s3.put_object, Bucket=bucket, Key="k", Tagging=text)
        assert (error["Code"], error["ArgumentName"], error["ArgumentValue"]) == (
            "InvalidArgument",
            "x-amz-tagging",
            text,
        )
    s3.put_object(Bucket=bucket, Key="k", Tagging="&one&two=%C3%A9")
    tags = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert sorted((tag["Key"], tag["Value"]) for tag in tags) == [("one", ""), ("two", "é")]
