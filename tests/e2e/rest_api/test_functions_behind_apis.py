"""A function behind a REST API: by every door, as an image, in a browser, and without permission."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.rest_api.apis import ACCOUNT, PNG, Api
from tests.e2e.story import client
from tests.running import RunningSagehen


def test_a_function_by_every_door(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/{proxy+}", "ANY", functions["echo"])
    api.deploy()
    by_host = api.call(
        "PUT", "/a/b?x=1&x=2", b'{"n": 1}', {"X-Mixed-Case": "Yes", "content-type": "application/json"}
    )
    assert by_host.status == 200, by_host.body
    event = by_host.json
    assert (event["path"], event["pathParameters"], event["body"]) == ("/a/b", {"proxy": "a/b"}, '{"n": 1}')
    assert event["headers"]["X-Mixed-Case"] == "Yes"
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["requestContext"]["requestId"] == by_host.headers["x-amzn-RequestId"]
    for url in (api.url("/a"), f"{sagehen.url}/_aws/execute-api/{api.id}/prod/a"):
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert json.load(answer)["resource"] == "/{proxy+}"
    context = ssl.create_default_context(cafile=sagehen.facts["ca_certificate"])
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"https": sagehen.url}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(
        f"https://{api.id}.execute-api.us-east-1.amazonaws.com/prod/a?q=1", timeout=60
    ) as answer:
        event = json.load(answer)
    assert event["requestContext"]["domainName"] == f"{api.id}.execute-api.us-east-1.amazonaws.com"
    assert event["headers"]["X-Forwarded-Proto"] == "https"


def test_what_is_not_deployed_is_not_there(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/", "GET", functions["echo"])
    assert (api.call("GET").status, api.call("GET").json) == (403, {"message": "Forbidden"})
    api.deploy()
    assert api.call("GET").status == 200
    api.function("/later", "GET", functions["echo"])
    assert api.call("GET", "/later").json == {"message": "Missing Authentication Token"}
    api.deploy()
    assert api.call("GET", "/later").status == 200


def test_an_image_there_and_back(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen, binaryMediaTypes=["image/png"])
    api.function("/look", "POST", functions["look"])
    api.deploy()
    headers = {"Content-Type": "image/png", "Accept": "image/png"}
    assert api.call("POST", "/look", PNG, headers).json == {"bytes": len(PNG), "head": "89504e47"}
    back = api.call("POST", "/look?back=1", PNG, headers)
    assert (back.body, back.headers["Content-Type"]) == (PNG, "image/png")


def test_more_keys_than_a_proxy_allows(sagehen: RunningSagehen, functions: dict[str, str]) -> None:
    api = Api(sagehen)
    api.function("/mapped", "POST", functions["chatty"], "AWS")
    api.function("/proxy", "POST", functions["chatty"])
    api.deploy()
    mapped = api.call("POST", "/mapped", b'{"a": 1}', {"Content-Type": "application/json"})
    assert (mapped.status, mapped.json) == (
        200,
        {"statusCode": 200, "body": "fine", "class": "cat", "got": {"a": 1}},
    )
    proxy = api.call("POST", "/proxy", b'{"a": 1}')
    assert (proxy.status, proxy.json) == (502, {"message": "Internal server error"})


def test_without_permission_the_function_is_out_of_reach(
    sagehen: RunningSagehen, functions: dict[str, str]
) -> None:
    lambda_ = client(sagehen, "lambda")
    api = Api(sagehen)
    api.function("/", "GET", functions["echo"])
    api.deploy()
    lambda_.remove_permission(FunctionName="echo", StatementId="api")
    try:
        assert (api.call("GET").status, api.call("GET").json) == (500, {"message": "Internal server error"})
    finally:
        lambda_.add_permission(
            FunctionName="echo",
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*",
        )
    assert api.call("GET").status == 200


PAGE = """<!doctype html><meta charset=utf-8><title>What is it?</title>
<input type=file id=file><p id=answer>drop an image</p>
<script>
document.getElementById("file").onchange = async event => {
  const body = event.target.files[0];
  const reply = await fetch("look", {method: "POST", body, headers: {"Content-Type": "image/png"}});
  document.getElementById("answer").textContent = JSON.stringify(await reply.json());
};
</script>"""


def test_a_page_at_the_stages_root_in_a_browser(
    sagehen: RunningSagehen, functions: dict[str, str], tmp_path: Path
) -> None:
    """A person opens the page that the API itself serves, picks an image, and sees the function's answer."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no /usr/bin/chromium here")
    api = Api(sagehen, binaryMediaTypes=["image/png"])
    api.mock("/", "GET", "200", {"Content-Type": "text/html; charset=utf-8"}, PAGE)
    api.function("/look", "POST", functions["look"])
    preflight = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "POST,OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type",
    }
    api.mock("/look", "OPTIONS", "204", preflight)
    api.deploy()
    image = tmp_path / "dot.png"
    image.write_bytes(PNG)
    port = sagehen.facts["port"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.goto(f"http://{api.id}.execute-api.localhost:{port}/prod/")
            assert page.title() == "What is it?"
            page.set_input_files("#file", str(image))
            page.wait_for_function("document.getElementById('answer').textContent.startsWith('{')")
            assert json.loads(page.text_content("#answer") or "") == {"bytes": len(PNG), "head": "89504e47"}
            # From another origin the browser asks first, by OPTIONS.
            page.goto(api.url("/"))
            answer = page.evaluate(
                """async url => (await fetch(url, {method: "POST", body: new Uint8Array([1, 2, 3]),
                     headers: {"Content-Type": "image/png"}})).json()""",
                f"http://{api.id}.execute-api.localhost:{port}/prod/look",
            )
            assert answer == {"bytes": 3, "head": "010203"}
        finally:
            browser.close()
