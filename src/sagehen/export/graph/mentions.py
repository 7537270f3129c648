"""Mentions: where texts speak of other resources, of buckets, of this account and this region."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sagehen.export.graph.node import Node
from sagehen.export.graph.settings import Settings
from sagehen.export.graph.values import Key, Named, Place, Ref, Setting, Text

Part = str | Ref | Named | Place | Setting


class Mentions:
    """Takes texts apart, by one pattern of all that can be mentioned.

    Args:
        nodes: What there is.
        buckets: Names of those that are settings.
        settings: Where those are.
        region, account_id: Of here.
    """

    def __init__(
        self,
        nodes: Collection[Node],
        buckets: Collection[str],
        settings: Settings,
        region: str,
        account_id: str,
    ) -> None:
        self._settings = settings
        self._region, self._account = region, account_id
        self._known = {
            text: (Ref(node.key, attribute), node.generated)
            for node in nodes
            for text, attribute in node.mentions.items()
        }
        self._pattern = _pattern(self._known, buckets, re.escape(region), re.escape(account_id))

    def parts(self, text: str, speaker: Key, *, by_name: bool) -> Iterator[Part]:
        """Yield the pieces of a text.

        Args:
            speaker: Whose it is: of itself it speaks by name.
            by_name: Whether it speaks of all so whose name is not drawn by AWS.
        """
        position = 0
        for match in self._pattern.finditer(text):
            yield text[position : match.start()]
            position = match.end()
            groups = match.groupdict()
            if groups.get("bucket"):
                yield from (groups["before"], self._settings.bucket(groups["bucket"]))
            elif groups.get("registry"):
                yield from (Place.ACCOUNT, ".dkr.ecr.", Place.REGION, ".")
            elif mention := groups.get("mention"):
                ref, generated = self._known[mention]
                if ref.key == speaker or (by_name and not generated):
                    yield from self._places(mention)
                else:
                    yield ref
            else:
                yield from self._places(match[0])
        yield text[position:]

    def _places(self, text: str) -> Iterator[Part]:
        """Yield an ARN with the account and the region of wherever it will be."""
        for number, part in enumerate(text.split(":")):
            if number:
                yield ":"
            if number == 3 and part == self._region:
                yield Place.REGION
            elif number == 4 and part == self._account:
                yield Place.ACCOUNT
            else:
                yield part


def _pattern(known: Collection[str], buckets: Collection[str], region: str, account: str) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, known), key=len, reverse=True)
    names = sorted(map(re.escape, buckets), key=len, reverse=True)
    choices = [
        rf"(?P<arn>arn:aws:[a-z0-9-]+:)(?P<region>{region})?:(?P<account>{account}(?=:))?",
        rf"(?P<registry>{account}\.dkr\.ecr\.{region}\.)(?=amazonaws\.com)",
    ]
    if names:
        named = "|".join(names)
        choices.insert(0, rf"(?P<before>arn:aws:s3:::|s3://)(?P<bucket>{named})(?![a-z0-9.-])")
    if longest_first:
        # A name may go on with any of these; behind an ARN stand a slash, a colon, `*`.
        choices.insert(0, rf"(?<!\w)(?P<mention>{'|'.join(longest_first)})(?![\w+=,.@-])")
    return re.compile("|".join(choices))


def together(parts: Iterable[Part]) -> Any:
    """Return parts as one value, neighbouring texts as one; a text alone is itself."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    if len(found) == 1:
        return found[0]
    return Text(tuple(found)) if found else ""
