"""CORS: preflights and answers, header by header."""

from __future__ import annotations

import re
from typing import Any

import urllib3

HTTP = urllib3.PoolManager(retries=False, timeout=60)
ORIGIN = "https://localhost:4200"
VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
PREFLIGHT = "Access-Control-Request-Method"
HEADERS = "Access-Control-Request-Headers"


def allowed(answer: Any) -> dict[str, str]:
    named = {name.title(): value for name, value in answer.headers.items()}
    return {name: value for name, value in named.items() if name.startswith("Access-Control-")}


def told(answer: Any) -> dict[str, str]:
    found = dict(re.findall(r"<(\w+)>([^<]*)</\1>", answer.data.decode()))
    assert found.pop("RequestId") == answer.headers["x-amz-request-id"]
    assert found.pop("HostId") == answer.headers["x-amz-id-2"]
    return {**found, "Status": str(answer.status)}


def test_buckets_without_rules(s3: Any, bucket: str, endpoint_url: str) -> None:
    url = f"{endpoint_url}/{bucket}/k"
    assert told(HTTP.request("OPTIONS", url)) == {
        "Code": "BadRequest",
        "Message": "Insufficient information. Origin request header needed.",
        "Status": "400",
    }
    forbidden = {"Code": "AccessForbidden", "ResourceType": "BUCKET", "Status": "403"}
    disabled = {**forbidden, "Message": "CORSResponse: CORS is not enabled for this bucket."}
    answer = HTTP.request("OPTIONS", url, headers={"Origin": ORIGIN, PREFLIGHT: "PUT"})
    assert told(answer) == {**disabled, "Method": "PUT"}
    answer = HTTP.request("OPTIONS", url, headers={"Origin": ORIGIN})
    assert told(answer) == {**disabled, "Method": "OPTIONS"}
    answer = HTTP.request("OPTIONS", f"{endpoint_url}/{bucket}-no/k", headers={"Origin": ORIGIN})
    assert told(answer) == {
        **forbidden,
        "Message": "CORSResponse: Bucket not found",
        "Method": "OPTIONS",
    }


def test_rules(s3: Any, bucket: str, endpoint_url: str) -> None:
    rule = {
        "AllowedOrigins": [ORIGIN],
        "AllowedMethods": ["GET"],
        "AllowedHeaders": ["x-AMZ-request-payer"],
        "ExposeHeaders": ["x-amz-id-2", "x-amz-request-id"],
        "MaxAgeSeconds": 3000,
    }
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    s3.put_object(Bucket=bucket, Key="k", Body=b"test-cors")
    url = f"{endpoint_url}/{bucket}/k"
    both = {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Allow-Methods": "GET",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Max-Age": "3000",
        "Access-Control-Expose-Headers": "x-amz-id-2, x-amz-request-id",
    }
    asks = {"Origin": ORIGIN, PREFLIGHT: "GET", HEADERS: "x-amz-request-payer"}
    answer = HTTP.request("OPTIONS", url, headers=asks)
    assert answer.status == 200 and answer.headers["Vary"] == VARY and answer.headers["x-amz-request-id"]
    assert allowed(answer) == {**both, "Access-Control-Allow-Headers": "x-amz-request-payer"}
    for address, resource_type in ((url, "OBJECT"), (f"{endpoint_url}/{bucket}", "BUCKET")):
        refused = told(HTTP.request("OPTIONS", address, headers={**asks, HEADERS: "x-amz-acl"}))
        assert (refused["Status"], refused["ResourceType"]) == ("403", resource_type)
        assert refused["Message"].startswith("CORSResponse: This CORS request is not allowed.")
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert allowed(HTTP.request("GET", signed, headers={"Origin": ORIGIN})) == both
    assert allowed(HTTP.request("GET", signed, headers={"Origin": ORIGIN, HEADERS: "x-amz-acl"})) == {}
    assert allowed(HTTP.request("GET", signed, headers={"Origin": "https://other"})) == {}
