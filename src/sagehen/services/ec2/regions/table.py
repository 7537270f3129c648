"""The regions of AWS with their zones, as of mid 2025 (AWS's list of regions and zones, from memory).

Which letter is which zone differs from account to account at AWS; here `a` is `az1` everywhere, save for
where an account is never given the first zone.
"""

from __future__ import annotations

from dataclasses import dataclass

# region, what its zones' ids begin with, the letters of its zones, and `!` where an account must opt in.
_ROWS = """
us-east-1 use1 abcdef
us-east-2 use2 abc
us-west-1 usw1 ac
us-west-2 usw2 abcd
ca-central-1 cac1 abd
sa-east-1 sae1 abc
eu-central-1 euc1 abc
eu-west-1 euw1 abc
eu-west-2 euw2 abc
eu-west-3 euw3 abc
eu-north-1 eun1 abc
ap-northeast-1 apne1 acd
ap-northeast-2 apne2 abcd
ap-northeast-3 apne3 abc
ap-south-1 aps1 abc
ap-southeast-1 apse1 abc
ap-southeast-2 apse2 abc
af-south-1 afs1 abc !
ap-east-1 ape1 abc !
ap-east-2 ape2 abc !
ap-south-2 aps2 abc !
ap-southeast-3 apse3 abc !
ap-southeast-4 apse4 abc !
ap-southeast-5 apse5 abc !
ap-southeast-7 apse7 abc !
ca-west-1 caw1 abc !
eu-central-2 euc2 abc !
eu-south-1 eus1 abc !
eu-south-2 eus2 abc !
il-central-1 ilc1 abc !
me-central-1 mec1 abc !
me-south-1 mes1 abc !
mx-central-1 mxc1 abc !
"""


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone: `us-east-1a`, whose id is `use1-az1`."""

    region: str
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Region:
    """A region.

    Args:
        opt_in: Whether an account has to ask for it at AWS. Here every region answers.
    """

    name: str
    zones: tuple[Zone, ...]
    opt_in: bool


def _region(name: str, short: str, letters: str, opt_in: str = "") -> Region:
    zones = (Zone(name, f"{name}{letter}", f"{short}-az{'abcdef'.index(letter) + 1}") for letter in letters)
    return Region(name, tuple(zones), bool(opt_in))


REGIONS = {name: _region(name, *rest) for name, *rest in map(str.split, _ROWS.split("\n")[1:-1])}


def region(name: str) -> Region:
    """Return a region; one that is not in the table has three zones."""
    return REGIONS.get(name) or _region(name, name.replace("-", ""), "abc")


def zone(region_name: str, *, name: str = "", identifier: str = "") -> Zone | None:
    """Return a zone of a region by its name or by its id; None where there is none."""
    for found in region(region_name).zones:
        if found.name == name or found.id == identifier:
            return found
    return None
