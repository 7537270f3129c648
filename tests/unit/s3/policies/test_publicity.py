"""Which policies are public."""

from __future__ import annotations

import json

from sagehen.services.s3.policies.publicity import is_public


def _policy(**changes: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::birds/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **changes}]})


def test_what_is_public() -> None:
    assert is_public(_policy())
    assert is_public(_policy(Principal={"AWS": "*"}))
    assert is_public(_policy(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))
    assert not is_public(_policy(Effect="Deny"))
    assert not is_public(_policy(Principal={"AWS": "arn:aws:iam::222222222222:root"}))
    assert not is_public(_policy(Condition={"StringEquals": {"aws:PrincipalAccount": "222222222222"}}))
