"""Whose next tunnel leads to AWS: who has just refused our certificate, and who is known to."""

from __future__ import annotations

import ssl

import pytest

from sagehen.gateway.s3.public.distrust import Distrust, is_refusal

_HOST = "b.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "agent", "from_sandbox", "after_s", "applies"),
    [
        (_HOST, "", False, 0.0, True),
        (_HOST, "", False, 60.0, True),
        (_HOST, "", False, 60.1, False),
        (_HOST, "", True, 0.0, False),  # the other side of the sandboxes' wall
        ("c.s3.amazonaws.com", "", False, 0.0, False),
        ("c.s3.amazonaws.com", "Wget/1.21", True, 99.0, True),
        ("c.s3.amazonaws.com", "curl/8 wget/1", False, 0.0, False),
    ],
)
def test_whose_tunnel_leads_to_aws(
    host: str, agent: str, from_sandbox: bool, after_s: float, applies: bool
) -> None:
    now = [1000.0]
    distrust = Distrust(lambda: now[0])
    distrust.remember(_HOST, from_sandbox=False)
    now[0] += after_s
    assert distrust.applies(host, agent, from_sandbox=from_sandbox) is applies


def test_the_oldest_is_forgotten_first() -> None:
    distrust = Distrust(lambda: 0.0)
    for number in range(257):
        distrust.remember(f"{number}.s3.amazonaws.com", from_sandbox=False)
    known = [distrust.applies(f"{number}.s3.amazonaws.com", "", from_sandbox=False) for number in (0, 1, 256)]
    assert known == [False, True, True]


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("TLSV1_ALERT_UNKNOWN_CA", True),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", True),
        ("SSLV3_ALERT_BAD_CERTIFICATE", True),
        ("WRONG_VERSION_NUMBER", False),
        (None, False),
    ],
)
def test_what_says_that_an_authority_is_unknown(reason: str | None, refusal: bool) -> None:
    error = ssl.SSLError("handshake")
    error.reason = reason  # type: ignore[assignment]
    assert is_refusal(error) is refusal
    assert not is_refusal(ConnectionResetError())
