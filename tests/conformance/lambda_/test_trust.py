"""What a function trusts: the platform in AWS's place, beside the authorities of the system."""

from __future__ import annotations

import json
from typing import Any

from tests.conformance.lambda_.calls import MakeFunction, invoke

SOURCE = """
import os, ssl, urllib.error, urllib.request

def handler(event, context):
    context = ssl.create_default_context()
    try:  # no boto3: what any program does with a pinned name
        urllib.request.urlopen("https://sts.us-east-1.amazonaws.com/?Action=Fly&Version=2011-06-15")
    except urllib.error.HTTPError as error:
        status, server = error.code, error.headers["server"]
    return {
        "status": status,
        "server": server,
        "authorities": len(context.get_ca_certs()),
        "bundles": len({os.environ[name] for name in (
            "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"
        )}),
        "own": open(os.environ["NODE_EXTRA_CA_CERTS"]).read().count("BEGIN CERTIFICATE"),
    }
"""


def test_pinned_names_and_the_rest_of_the_world(functions: Any, make: MakeFunction) -> None:
    seen = json.loads(invoke(functions, FunctionName=make(SOURCE))["Payload"])
    assert (seen["status"], seen["server"]) == (400, "Sagehen")
    assert seen["authorities"] > 50
    assert (seen["bundles"], seen["own"]) == (1, 1)
