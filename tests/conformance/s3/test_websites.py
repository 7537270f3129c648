"""Websites: their configuration, and what browsers get."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

from .conftest import empty, refused

HTTP = urllib3.PoolManager(retries=False, timeout=60)
INDEX = {"IndexDocument": {"Suffix": "index.html"}}
ERROR = {"ErrorDocument": {"Key": "error.html"}}
Get = Callable[..., Any]


@pytest.fixture
def site(s3: Any) -> Iterator[str]:
    """A bucket whose objects and listing everybody may read."""
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def get(endpoint_url: str, site: str) -> Get:
    def ask(path: str, method: str = "GET", bucket: str = site, **headers: str) -> Any:
        host = f"{bucket}.s3-website.localhost:{urlsplit(endpoint_url).port}"
        return HTTP.request(method, endpoint_url + path, headers={"Host": host, **headers}, redirect=False)

    return ask


def put(s3: Any, bucket: str, **bodies: str) -> None:
    for key, body in bodies.items():
        name = key.replace("__", "/") + ".html"
        s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType="text/html", ACL="public-read")


def configure(s3: Any, bucket: str, *rules: dict[str, Any], **more: Any) -> None:
    configuration = {**INDEX, **more, **({"RoutingRules": list(rules)} if rules else {})}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)


def test_a_configuration_lives_and_dies(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_website, Bucket=bucket) == {
        "Code": "NoSuchWebsiteConfiguration",
        "Message": "The specified bucket does not have a website configuration",
        "BucketName": bucket,
        "Status": 404,
    }
    s3.delete_bucket_website(Bucket=bucket)
    rule = {"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": ""}}
    configure(s3, bucket, rule, **ERROR)
    stored = s3.get_bucket_website(Bucket=bucket)
    assert stored["RoutingRules"] == [rule] and stored["IndexDocument"] == {"Suffix": "index.html"}
    s3.delete_bucket_website(Bucket=bucket)
    assert refused(s3.get_bucket_website, Bucket=bucket)["Status"] == 404


@pytest.mark.parametrize(
    ("configuration", "code"),
    [
        ({"IndexDocument": {"Suffix": "/index.html"}}, "InvalidArgument"),
        ({"IndexDocument": {"Suffix": ""}}, "InvalidArgument"),
        ({"RedirectAllRequestsTo": {"HostName": "test"}, **INDEX}, "MalformedXML"),
        (ERROR, "InvalidArgument"),
        ({**INDEX, "RoutingRules": [{"Redirect": {"Protocol": "protocol"}}]}, "InvalidRequest"),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"ReplaceKeyPrefixWith": "a", "ReplaceKeyWith": "b"}}]},
            "InvalidRequest",
        ),
        (
            {**INDEX, "RoutingRules": [{"Redirect": {"ReplaceKeyWith": "a"}, "Condition": {}}]},
            "InvalidRequest",
        ),
        ({**INDEX, "RoutingRules": [{"Redirect": {"HttpRedirectCode": "200"}}]}, "InvalidRequest"),
        ({**INDEX, "RoutingRules": []}, "MalformedXML"),
    ],
)
def test_what_is_no_website(s3: Any, bucket: str, configuration: Any, code: str) -> None:
    error = refused(s3.put_bucket_website, Bucket=bucket, WebsiteConfiguration=configuration)
    assert (error["Code"], error["Status"]) == (code, 400), json.dumps(error)


def test_pages_and_folders(s3: Any, site: str, get: Get) -> None:
    put(s3, site, index="home", test__index="in test", actual__key="key")
    configure(s3, site)
    assert get("/").data == b"home" and get("").status == 200
    page = get("/actual/key.html")
    assert (page.status, page.data, page.headers["Content-Type"]) == (200, b"key", "text/html")
    assert get("/actual/key.html", **{"If-None-Match": page.headers["ETag"]}).status == 304
    part = get("/actual/key.html", Range="bytes=1-")
    assert (part.status, part.data, part.headers["Content-Range"]) == (206, b"ey", "bytes 1-2/3")
    head = get("/actual/key.html", "HEAD")
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", "3")
    folder = get("/test")
    assert (folder.status, folder.headers["Location"]) == (302, "/test/")
    assert get("/test/").data == b"in test"
    s3.put_object(Bucket=site, Key="shut.html", Body=b"not for all")
    assert get("/shut.html").status == 403


def test_errors_are_pages(s3: Any, site: str, get: Get) -> None:
    unconfigured = get("/k")
    assert unconfigured.status == 404
    assert b"<li>Code: NoSuchWebsiteConfiguration</li>" in unconfigured.data
    nowhere = get("/", bucket=f"{site}-no")
    assert nowhere.status == 404 and f"<li>BucketName: {site}-no</li>".encode() in nowhere.data
    configure(s3, site)
    missing = get("/none").data.decode()
    lines = missing.splitlines()
    assert lines[:8] == [
        "<html>",
        "<head><title>404 Not Found</title></head>",
        "<body>",
        "<h1>404 Not Found</h1>",
        "<ul>",
        "<li>Code: NoSuchKey</li>",
        "<li>Message: The specified key does not exist.</li>",
        "<li>Key: none</li>",
    ]
    assert b"<li>Key: &lt;b&gt;index.html</li>" not in get("/<b>").data
    assert get("/none", "HEAD").data == b""
    post = get("/none", "POST")
    assert post.status == 405 and b"<li>ResourceType: OBJECT</li>" in post.data
    configure(s3, site, **ERROR)
    assert b"An Error Occurred While Attempting to Retrieve a Custom Error Document" in get("/none").data
    put(s3, site, error="sorry")
    page = get("/none")
    assert (page.status, page.data, page.headers["Content-Type"]) == (404, b"sorry", "text/html")
    assert get("/none", "DELETE").status == 405  # which no error document answers


def test_redirects_of_objects(s3: Any, site: str, get: Get) -> None:
    configure(s3, site, **ERROR)
    s3.put_object(Bucket=site, Key="index.html", WebsiteRedirectLocation="/other.html", ACL="public-read")
    s3.put_object(
        Bucket=site, Key="error.html", WebsiteRedirectLocation="https://a.example/", ACL="public-read"
    )
    answer = get("/")
    assert (answer.status, answer.headers["Location"]) == (301, "/other.html")
    answer = get("/none")
    assert (answer.status, answer.headers["Location"]) == (301, "https://a.example/")


def test_everything_somewhere_else(s3: Any, site: str, get: Get) -> None:
    s3.put_bucket_website(
        Bucket=site, WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "b.example"}}
    )
    answer = get("/a%20b?c=d")
    assert (answer.status, answer.headers["Location"], answer.data) == (
        301,
        "http://b.example/a%20b?c=d",
        b"",
    )


def test_routing_rules(s3: Any, site: str, get: Get, endpoint_url: str) -> None:
    base = f"http://{site}.s3-website.localhost:{urlsplit(endpoint_url).port}"
    put(s3, site, index="home", error="sorry", prefixed="p")

    def rule(prefix: str | None = None, code: str | None = None, **redirect: str) -> dict[str, Any]:
        condition = {"KeyPrefixEquals": prefix, "HttpErrorCodeReturnedEquals": code}
        given = {name: value for name, value in condition.items() if value is not None}
        return {"Redirect": redirect, **({"Condition": given} if given else {})}

    configure(
        s3,
        site,
        rule("both/", "404", ReplaceKeyWith="both.html"),
        rule("prefix", ReplaceKeyWith="redirected.html"),
        rule("index", ReplaceKeyWith="never-for-the-root.html"),
        rule("host/", HostName="c.example", Protocol="https"),
        rule("docs/", ReplaceKeyPrefixWith=""),
        rule("code/", HttpRedirectCode="307"),
        rule(None, "404", ReplaceKeyPrefixWith="lost/"),
        **ERROR,
    )
    for path, status, location in (
        ("/both/x", 301, f"{base}/both.html"),
        ("/prefixed.html", 301, f"{base}/redirected.html"),  # before the object is looked for
        ("/host/key", 301, "https://c.example/host/key"),
        ("/docs/mydocs/test.html", 301, f"{base}/mydocs/test.html"),
        ("/code/key", 307, f"{base}/code/key"),
        ("/none", 301, f"{base}/lost/none"),  # before the error document
    ):
        answer = get(path)
        assert (answer.status, answer.headers.get("Location")) == (status, location), path
    assert get("/").data == b"home"


def test_a_bucket_policy_opens_a_website_too(s3: Any, bucket: str, get: Get) -> None:
    put_page = {"Bucket": bucket, "Key": "index.html", "Body": b"home"}
    s3.put_object(**put_page)
    configure(s3, bucket)
    assert get("/", bucket=bucket).status == 403
    s3.delete_public_access_block(Bucket=bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    assert get("/", bucket=bucket).data == b"home"
    assert get("/none", bucket=bucket).status == 403  # who may not list may not learn what is missing
