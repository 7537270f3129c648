"""Which requests are for function URLs."""

from __future__ import annotations

import pytest

from sagehen.gateway.connections.first_line import ProxyRequest
from sagehen.gateway.function_urls.address import UrlCall, recognize
from tests.unit.gateway.making import incoming

ID = "abcdefghijklmnopqrstuvwxyz012345"
AWS, LOCAL = f"{ID}.lambda-url.eu-west-1.on.aws", f"{ID}.lambda-url.eu-west-1.localhost"


@pytest.mark.parametrize(
    ("host", "path", "call"),
    [
        (AWS, "/a%20b", UrlCall(ID, "eu-west-1", AWS, "/a%20b")),
        (f"{AWS.upper()}:443", "/", UrlCall(ID, "eu-west-1", AWS, "/")),
        (f"{LOCAL}:4566", "/_sagehen/health", UrlCall(ID, "eu-west-1", LOCAL, "/_sagehen/health")),
        (f"{ID}.lambda-url.localhost", "/", UrlCall(ID, "", f"{ID}.lambda-url.localhost", "/")),
        ("127.0.0.1:4566", f"/_aws/lambda-url/{ID}", UrlCall(ID, "", "", "/")),
        ("box.lan", f"/_aws/lambda-url/{ID}//a/b", UrlCall(ID, "", "", "//a/b")),
        ("127.0.0.1:4566", "/_aws/lambda-url/", UrlCall("", "", "", "/")),
        ("127.0.0.1:4566", f"/_aws/lambda-url/{'a' * 64}/x", UrlCall("", "", "", "/x")),
        # Names of others, and a bucket's.
        ("x.vpc-lattice-svcs.eu-west-1.on.aws", "/", None),
        (f"{AWS}.evil.example", "/", None),
        (f"a.{AWS}", "/", None),
        (f"{'a' * 64}.lambda-url.eu-west-1.on.aws", "/", None),
        ("lambda-url.eu-west-1.on.aws", "/", None),
        ("lambda.eu-west-1.amazonaws.com", "/", None),
        ("127.0.0.1:4566", "/bucket/_aws/lambda-url/x", None),
    ],
)
def test_addresses(host: str, path: str, call: UrlCall | None) -> None:
    assert recognize(incoming(path=path, host=host)) == call


def test_the_proxy_door_answers_for_them_and_not_for_their_neighbours() -> None:
    assert ProxyRequest(True, AWS, 443, b"", b"").is_aws
    assert not ProxyRequest(True, "x.vpc-lattice-svcs.eu-west-1.on.aws", 443, b"", b"").is_aws
