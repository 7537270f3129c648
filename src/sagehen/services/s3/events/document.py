"""The document that a function gets of an event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from sagehen.api.context import RequestContext
from sagehen.domain.ids import host_id
from sagehen.services.s3.records.buckets import Bucket


def event_document(
    context: RequestContext | None,
    bucket: Bucket,
    configuration_id: str,
    name: str,
    key: str,
    shown: Mapping[str, Any],
    now: datetime,
    schema: str,
) -> dict[str, Any]:
    """Return one event record.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    principal = context.principal.user_id if context and context.principal.user_id else bucket.account_id
    request_id = context.request_id if context else ""
    return {
        "eventVersion": schema,
        "eventSource": "aws:s3",
        "awsRegion": bucket.region,
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
        "eventName": name,
        "userIdentity": {"principalId": f"AWS:{principal}"},
        "requestParameters": {"sourceIPAddress": context.source_ip if context else "127.0.0.1"},
        "responseElements": {"x-amz-request-id": request_id, "x-amz-id-2": host_id(request_id)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": bucket.account_id},
                "arn": bucket.arn,
            },
            # As form fields are encoded: a space is a plus.
            "object": {"key": quote_plus(key, safe="/"), **shown},
        },
    }
