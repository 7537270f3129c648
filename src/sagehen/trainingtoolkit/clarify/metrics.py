"""Pretraining bias metrics: how labels, and people, are shared out between a group and all others. Pure.

Documented: SageMaker Developer Guide, Pretraining bias metrics. Labels count as positive or not, also for
the distances of distributions, as in AWS's library smclarify; there, too, only outcomes that both sides have
take part in those. What is said where a metric has no value is smclarify 0.5's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

Pairs = list[tuple[float, float]]
Counts = Counter[tuple[bool, bool]]


class NotDefined(Exception):
    """A metric has no value of these records; the message says why."""


@dataclass(frozen=True, slots=True)
class Split:
    """How many records there are of which kind.

    Args:
        counts: By whether they are of the group that is looked at, and whether their label is positive.
        subgroups: The same for each value of the group variable; None where there is none.
    """

    counts: Counts
    subgroups: Mapping[str, Counts] | None = None

    @classmethod
    def of(
        cls, sensitive: Sequence[bool], positive: Sequence[bool], groups: Sequence[str] | None = None
    ) -> Split:
        """Count records, of each of which is told whether it is of the group, and what its label is."""
        if groups is None:
            return cls(Counter(zip(sensitive, positive, strict=True)))
        counts: Counts = Counter()
        subgroups: dict[str, Counts] = {}
        kinds = Counter(zip(groups, sensitive, positive, strict=True))
        for (subgroup, side, label), count in kinds.items():
            counts[side, label] += count
            subgroups.setdefault(subgroup, Counter())[side, label] += count
        return cls(counts, subgroups)

    def count(self, *, sensitive: bool, positive: bool | None = None) -> int:
        """Return how many records there are of a side, or of a side with an outcome."""
        outcomes = (True, False) if positive is None else (positive,)
        return sum(self.counts[sensitive, label] for label in outcomes)

    def pairs(self) -> Pairs:
        """Return the shares of the outcomes that both sides have: of all others, of the group."""
        others, group = self.count(sensitive=False), self.count(sensitive=True)
        found = []
        for positive in (True, False):
            share = self.count(sensitive=False, positive=positive)
            own = self.count(sensitive=True, positive=positive)
            if share and own:
                found.append((share / others, own / group))
        if not found:
            raise NotDefined("No instance of common facet found, dataset may be too small")
        return found

    def sides(self, no_others: str, no_group: str) -> tuple[int, int]:
        """Return how many records are not of the group, and of it.

        Args:
            no_others, no_group: What is said where there are none.
        """
        others, group = self.count(sensitive=False), self.count(sensitive=True)
        if not others or not group:
            raise NotDefined(no_group if others else no_others)
        return others, group


def class_imbalance(split: Split) -> float:
    """CI: how many more the others are."""
    others, group = split.sides(
        "CI: negated facet set is empty. Check that x[~facet] has non-zero length.",
        "CI: facet set is empty. Check that x[facet] has non-zero length.",
    )
    return (others - group) / (others + group)


def label_imbalance(split: Split) -> float:
    """DPL: how much more often the others' labels are positive."""
    others, group = split.sides("Negative facet set is empty.", "Facet set is empty.")
    return (
        split.count(sensitive=False, positive=True) / others
        - split.count(sensitive=True, positive=True) / group
    )


def kullback_leibler(split: Split) -> float:
    """KL: how much the others' outcomes tell of the group's, in nats."""
    return sum(share * log(share / own) for share, own in split.pairs())


def jensen_shannon(split: Split) -> float:
    """JS: the mean of both sides' divergences from their mean."""
    total = 0.0
    for share, own in split.pairs():
        mean = (share + own) / 2
        total += (share * log(share / mean) + own * log(own / mean)) / 2
    return total


def norm(split: Split) -> float:
    """LP: the differences' length."""
    return sqrt(sum((share - own) ** 2 for share, own in split.pairs()))


def total_variation(split: Split) -> float:
    """TVD: half of the differences' sum."""
    return sum(abs(share - own) for share, own in split.pairs()) / 2


def kolmogorov_smirnov(split: Split) -> float:
    """KS: the greatest difference."""
    return max(abs(share - own) for share, own in split.pairs())


def conditional_disparity(split: Split) -> float:
    """CDDL: by how much the group has more of the rejected than of the accepted, within each subgroup."""
    if split.subgroups is None:
        raise NotDefined("Group variable is empty or not provided")
    for label, name in ((True, "positive"), (False, "negative")):
        if not split.counts[True, label] + split.counts[False, label]:
            raise NotDefined(f"No {name} labels in set")
    weighted = sum(
        counts.total() * (_share(counts, False) - _share(counts, True)) for counts in split.subgroups.values()
    )
    return weighted / split.counts.total()


def _share(counts: Counts, label: bool) -> float:
    """Return the group's share of the records with an outcome."""
    of = counts[True, label] + counts[False, label]
    return counts[True, label] / of if of else 0.0


# By their short names, in the order of analysis.json; the descriptions are AWS's, misspelling and all.
METRICS: Mapping[str, tuple[str, Callable[[Split], float]]] = {
    "CDDL": ("Conditional Demographic Disparity in Labels (CDDL)", conditional_disparity),
    "CI": ("Class Imbalance (CI)", class_imbalance),
    "DPL": ("Difference in Positive Proportions in Labels (DPL)", label_imbalance),
    "JS": ("Jensen-Shannon Divergence (JS)", jensen_shannon),
    "KL": ("Kullback-Liebler Divergence (KL)", kullback_leibler),
    "KS": ("Kolmogorov-Smirnov Distance (KS)", kolmogorov_smirnov),
    "LP": ("L-p Norm (LP)", norm),
    "TVD": ("Total Variation Distance (TVD)", total_variation),
}
