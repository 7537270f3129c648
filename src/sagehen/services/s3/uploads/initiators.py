"""Who began a multipart upload, as listings name him."""

from __future__ import annotations

from sagehen.domain.arn import Arn
from sagehen.domain.identity import canonical_id


def initiator(arn: str) -> dict[str, str]:
    """Return `Initiator` of the ARN of a principal.

    Root is the account itself, by its canonical id; everybody else is named by his ARN. DisplayName,
    which Owner has lost in November 2025, is still here (recorded).
    """
    try:
        parsed = Arn.parse(arn)
    except ValueError:  # nobody: an upload to a bucket that anybody may write to
        return {"ID": arn, "DisplayName": arn}
    if parsed.resource == "root":
        return {"ID": canonical_id(parsed.account_id), "DisplayName": parsed.account_id}
    return {"ID": arn, "DisplayName": parsed.resource_name}
