"""What templates write of buckets, as S3's requests."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.cloudformation.types.buckets import BUCKETS
from sagehen.services.cloudformation.types.known import Known

RULE = {"Id": "r", "Status": "Enabled"}


@pytest.mark.parametrize(
    ("conversion", "written", "sent"),
    [
        ("canned_acl", "PublicReadWrite", "public-read-write"),
        ("canned_acl", "Private", "private"),
        (
            "lifecycle",
            [{**RULE, "Prefix": "tmp/", "ExpirationInDays": 3}],
            [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 3}, "Filter": {"Prefix": "tmp/"}}],
        ),
        (
            "lifecycle",
            [{**RULE, "TagFilters": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 1}],
            [
                {
                    "ID": "r",
                    "Status": "Enabled",
                    "Filter": {"And": {"ObjectSizeGreaterThan": 1, "Tags": [{"Key": "k", "Value": "v"}]}},
                }
            ],
        ),
        (
            "lifecycle",
            [
                {
                    **RULE,
                    "NoncurrentVersionExpirationInDays": 9,
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 2}],
                }
            ],
            [
                {
                    "ID": "r",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
                    "Transitions": [{"StorageClass": "GLACIER", "Days": 2}],
                    "Filter": {"Prefix": ""},
                }
            ],
        ),
        (
            "notifications",
            {
                "LambdaConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Function": "arn",
                        "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
                    }
                ]
            },
            {
                "LambdaFunctionConfigurations": [
                    {
                        "LambdaFunctionArn": "arn",
                        "Events": ["s3:ObjectCreated:*"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".csv"}]}},
                    }
                ]
            },
        ),
        (
            "website",
            {
                "IndexDocument": "i.html",
                "ErrorDocument": "e.html",
                "RoutingRules": [
                    {"RedirectRule": {"HostName": "h"}, "RoutingRuleCondition": {"KeyPrefixEquals": "k"}}
                ],
            },
            {
                "IndexDocument": {"Suffix": "i.html"},
                "ErrorDocument": {"Key": "e.html"},
                "RoutingRules": [{"Redirect": {"HostName": "h"}, "Condition": {"KeyPrefixEquals": "k"}}],
            },
        ),
    ],
)
def test_properties_of_buckets_become_what_s3_takes(conversion: str, written: Any, sent: Any) -> None:
    assert BUCKETS[conversion](written, Known({})) == sent


@pytest.mark.parametrize("conversion", ["lifecycle", "notifications"])
def test_what_s3_has_no_member_for_is_refused(conversion: str) -> None:
    with pytest.raises(ValueError, match="Bogus"):
        BUCKETS[conversion]([{"Bogus": 1}] if conversion == "lifecycle" else {"Bogus": 1}, Known({}))
