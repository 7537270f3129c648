"""Calls of the platform's own services by integrations: signed like everybody's, trusted like nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.streams import Streamed
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, SigningKey
from sagehen.domain.ids import Ids
from sagehen.gateway.chain.internal_calls import InternalCalls
from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.claim import read_claim
from sagehen.gateway.signatures.payload import check_content, read_content
from sagehen.protocol.http import HttpResponse
from sagehen.services.apigateway.data_plane.integrations.services import fault_of_service_uri
from tests.unit.apigateway.data_plane.house import USER

CREDENTIALS = Credentials("ASIAEXAMPLE", "secret", "token")


class Chain:
    """Verifies what it is asked, as the front door does."""

    def __init__(self, clock: ManualClock, answer: HttpResponse) -> None:
        self.seen: list[Incoming] = []
        self.proven: list[Any] = []
        self._answer = answer
        self._authenticator = Authenticator(self, clock, clock, clock_check=True)

    def signing_key(self, access_key_id: str) -> SigningKey:
        return SigningKey(CREDENTIALS, USER)

    async def answer(self, incoming: Incoming, trace: Any) -> HttpResponse:
        claim = read_claim(incoming)
        assert claim is not None
        content = await read_content(incoming.body, 1000)
        dialect = "s3" if claim.service == "s3" else "rest-json"
        proof = self._authenticator.authenticate(
            claim,
            incoming,
            dialect=dialect,
            signing_name=claim.service,
            resource_path=incoming.path,
            body_hash=content.sha256,
        )
        check_content(content, proof.seal)
        self.seen.append(incoming)
        self.proven.append((proof.principal, proof.region, content.body))
        return self._answer


@pytest.mark.parametrize(
    ("service", "target"),
    [("s3", "/bucket/a%20b/c%2Bd?x=%2F&y"), ("sagemaker", "/endpoints/cats/invocations?b=2&a=1")],
)
async def test_the_signature_holds(service: str, target: str) -> None:
    clock = ManualClock()
    chain = Chain(clock, HttpResponse(200, {"A": "b"}, b"answer"))
    calls = InternalCalls(chain, clock, clock, Ids())  # type: ignore[arg-type]
    answer = await calls.call(
        host=f"{service}.us-east-1.amazonaws.com",
        signing_name=service,
        region="us-east-1",
        credentials=CREDENTIALS,
        method="PUT",
        target=target,
        headers={"Content-Type": "text/csv", "X-Amz-Meta-A": "1"},
        body=b"1,2",
    )
    assert answer == (200, [("A", "b")], b"answer")
    assert chain.proven == [(USER, "us-east-1", b"1,2")]
    assert chain.seen[0].from_sandbox, "the platform's own pages must stay closed"


async def test_an_answer_without_end_is_refused() -> None:
    async def endless() -> Any:
        while True:
            yield bytes(1024 * 1024)

    clock = ManualClock()
    chain = Chain(clock, HttpResponse(200, {}, Streamed(endless())))
    calls = InternalCalls(chain, clock, clock, Ids())  # type: ignore[arg-type]
    with pytest.raises(RequestEntityTooLarge):
        await calls.call(
            host="s3.us-east-1.amazonaws.com",
            signing_name="s3",
            region="us-east-1",
            credentials=CREDENTIALS,
            method="GET",
            target="/b/k",
            headers={},
            body=b"",
        )


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("arn:aws:apigateway:us-east-1:s3:path/bucket/{key}", False),
        ("arn:aws:apigateway:us-east-1:runtime.sagemaker:path//endpoints/x/invocations", False),
        ("arn:aws:apigateway:us-east-1:sqs:action/SendMessage", True),
        ("arn:aws:apigateway:us-east-1:abc.execute-api:path/prod/x", True),
        ("arn:aws:s3:::bucket", True),
    ],
)
def test_what_is_refused_when_it_is_put(uri: str, fault: bool) -> None:
    assert (fault_of_service_uri(uri) is not None) is fault
