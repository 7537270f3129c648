"""Which address of a function URL is told to whom."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.lambda_.urls.addresses import UrlAddresses

from .making import ID

NAME = f"{ID}.lambda-url.eu-west-1"
BY_PATH = f"_aws/lambda-url/{ID}/"


def _knows(address: str) -> Any:
    return lambda host, port: [(2, 1, 6, "", (address, port))]


def _knows_nothing(host: str, port: int) -> Any:
    raise OSError(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("resolve", "asked", "told"),
    [
        (_knows_nothing, {"host": "lambda.eu-west-1.amazonaws.com"}, f"https://{NAME}.on.aws/"),
        (_knows_nothing, {"host": "127.0.0.1:4566"}, f"http://127.0.0.1:4566/{BY_PATH}"),
        (_knows("127.0.0.1"), {"host": "127.0.0.1:4566"}, f"http://{NAME}.localhost:4566/"),
        (_knows("::1"), {"host": "localhost:4566"}, f"http://{NAME}.localhost:4566/"),
        # A resolver that sends strangers' names somewhere knows nothing.
        (_knows("203.0.113.9"), {"host": "127.0.0.1:4566"}, f"http://127.0.0.1:4566/{BY_PATH}"),
        # A sandbox has no resolver, whatever the machine has.
        (
            _knows("127.0.0.1"),
            {"host": "127.0.0.1:4566", "from_sandbox": True},
            f"http://127.0.0.1:4566/{BY_PATH}",
        ),
        # Who came by such a name knows more of them.
        (_knows_nothing, {"host": "lambda.localhost:4566"}, f"http://{NAME}.localhost:4566/"),
        (
            _knows_nothing,
            {"host": "x.localhost.localstack.cloud:4566"},
            f"http://{NAME}.localhost.localstack.cloud:4566/",
        ),
        (_knows("127.0.0.1"), {"host": "box.lan:80"}, f"http://box.lan:80/{BY_PATH}"),
        (_knows("127.0.0.1"), {"host": "192.168.1.2", "secure": True}, f"https://192.168.1.2/{BY_PATH}"),
    ],
)
async def test_the_address_works_for_who_asks(resolve: Any, asked: dict[str, Any], told: str) -> None:
    assert await UrlAddresses(resolve).address(ID, "eu-west-1", **asked) == told
