"""Amazon Resource Names, taken apart and put together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:partition:service:region:account:resource`; the resource may hold more colons."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Take an ARN apart.

        Raises:
            ValueError: `text` has not six parts or does not begin with `arn:`.
        """
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            raise ValueError(f"not an ARN: {text!r}")
        return cls(*parts[1:])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"

    @property
    def resource_type(self) -> str:
        """What stands before the first `/` or `:` of the resource (`role`, `endpoint`), or ''."""
        for index, character in enumerate(self.resource):
            if character in "/:":
                return self.resource[:index]
        return ""

    @property
    def resource_name(self) -> str:
        """What stands after the last `/` of the resource: a role's name without its path."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
