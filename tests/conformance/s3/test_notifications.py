"""Bucket notifications: what is refused, and how."""

from __future__ import annotations

from typing import Any

from .conftest import refused


def configuration(arn: str, name: str = "prefix") -> dict[str, Any]:
    filters = [{"Name": name, "Value": "in/"}, {"Name": "SUFFIX", "Value": ".txt"}]
    rule = {
        "Id": "id123",
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"],
        "Filter": {"Key": {"FilterRules": filters}},
    }
    return {"LambdaFunctionConfigurations": [rule]}


def test_functions_that_are_none(s3: Any, bucket: str) -> None:
    def put(wanted: dict[str, Any], **options: Any) -> dict[str, Any]:
        put_notification = s3.put_bucket_notification_configuration
        return refused(put_notification, Bucket=bucket, NotificationConfiguration=wanted, **options)

    unparsed = {
        "Code": "InvalidArgument",
        "Message": "The ARN could not be parsed",
        "ArgumentName": "CloudFunction",
        "ArgumentValue": "invalid-queue",
        "Status": 400,
    }
    assert put(configuration("invalid-queue")) == unparsed
    assert put(configuration("invalid-queue"), SkipDestinationValidation=True) == unparsed
    arn = "arn:aws:lambda:us-east-1:123456789012:function:my-lambda"
    assert put(configuration(arn)) == {
        "Code": "InvalidArgument",
        "Message": "Unable to validate the following destination configurations",
        "ArgumentName1": f"{arn}, null",
        "ArgumentValue1": f"Not authorized to invoke function [{arn}]",
        "Status": 400,
    }
    wrong = put(configuration(arn, name="INVALID"))
    assert (wrong["ArgumentName"], wrong["ArgumentValue"]) == ("FilterRule.Name", "INVALID")
    assert wrong["Message"] == "filter rule name must be either prefix or suffix"
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=configuration(arn), SkipDestinationValidation=True
    )
    stored = s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    rules = stored[0]["Filter"]["Key"]["FilterRules"]
    assert [rule["Name"] for rule in rules] == ["Prefix", "Suffix"]
