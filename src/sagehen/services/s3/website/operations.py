"""PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest, MalformedXML
from sagehen.services.s3.errors.unset import NoSuchWebsiteConfiguration

# Kind of the bucket's configuration.
KIND = "website"
# Documented: PutBucketWebsite, RedirectAllRequestsTo and the limit of 50 routing rules.
_PROTOCOLS = ("http", "https")
_MOST_RULES = 50


class BucketWebsites(Resource):
    """The configuration; pages are answered by `serving`, to anonymous browsers only."""

    @operation("PutBucketWebsite", access=on_bucket("PutBucketWebsite"), anonymous=True)
    async def put_bucket_website(self, context: RequestContext, request: Request) -> None:
        bucket = self.state.bucket(request)
        configuration = request["WebsiteConfiguration"]
        check_website(configuration)
        await self.state.buckets.put_configuration(bucket.name, KIND, configuration)

    @operation("GetBucketWebsite", access=on_bucket("GetBucketWebsite"), anonymous=True)
    async def get_bucket_website(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        bucket = self.state.bucket(request)
        stored: dict[str, Any] = self.state.buckets.required(bucket.name, KIND, NoSuchWebsiteConfiguration)
        return stored

    @operation("DeleteBucketWebsite", access=on_bucket("DeleteBucketWebsite"), anonymous=True)
    async def delete_bucket_website(self, context: RequestContext, request: Request) -> Reply:
        await self.state.buckets.delete_configuration(self.state.bucket(request).name, KIND)
        return Reply(status=204)


def check_website(configuration: Mapping[str, Any]) -> None:
    """Check a website configuration. Codes and texts from memory.

    Raises:
        MalformedXML: A redirect of everything beside anything else; no rules in RoutingRules.
        InvalidArgument: No index document, or one that is a path.
        InvalidRequest: A rule that cannot be followed.
    """
    everything = configuration.get("RedirectAllRequestsTo")
    if everything is not None:
        if len(configuration) > 1:
            raise MalformedXML()
        _check_protocol(everything.get("Protocol"))
        return
    index = configuration.get("IndexDocument")
    if index is None:
        text = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"
        raise InvalidArgument(text, "IndexDocument", "null")
    suffix = index.get("Suffix") or ""
    if not suffix or "/" in suffix:
        raise InvalidArgument("The IndexDocument Suffix is not well formed", "IndexDocument", suffix)
    rules = configuration.get("RoutingRules")
    if rules is None:
        return
    if not rules:
        raise MalformedXML()
    if len(rules) > _MOST_RULES:
        raise InvalidRequest(
            f"{len(rules)} routing rules provided, the number of routing rules in a website configuration is "
            f"limited to {_MOST_RULES}."
        )
    for rule in rules:
        _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    redirect, condition = rule.get("Redirect"), rule.get("Condition")
    if redirect is None:
        raise MalformedXML()
    if condition is not None and not condition:
        raise InvalidRequest(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element "
            "shouldn't be present."
        )
    _check_protocol(redirect.get("Protocol"))
    if "ReplaceKeyPrefixWith" in redirect and "ReplaceKeyWith" in redirect:
        raise InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
    code = redirect.get("HttpRedirectCode")
    if code is not None and (code == "300" or not re.fullmatch(r"3\d\d", code)):
        raise InvalidRequest(
            f"The provided HTTP redirect code ({code}) is not valid. Valid codes are 3XX except 300."
        )
    error = (condition or {}).get("HttpErrorCodeReturnedEquals")
    if error is not None and not re.fullmatch(r"[45]\d\d", error):
        raise InvalidRequest(
            f"The provided HTTP error code ({error}) is not valid. Valid codes are 4XX or 5XX."
        )


def _check_protocol(protocol: str | None) -> None:
    if protocol is not None and protocol not in _PROTOCOLS:
        raise InvalidRequest(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected "
            "automatically."
        )
