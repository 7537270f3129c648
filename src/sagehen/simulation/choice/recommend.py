"""Recommend: settings for an endpoint or a function where a plan names none."""

from __future__ import annotations

from sagehen.simulation.choice import endpoints, functions
from sagehen.simulation.choice.search import Search
from sagehen.simulation.runs.outcome import Outcome
from sagehen.simulation.runs.sites import EndpointSite


def recommend(search: Search) -> tuple[list[Outcome], Outcome | None]:
    """Return what is worth showing, and the one to take; None where nothing meets the objective."""
    if isinstance(search.site, EndpointSite):
        return endpoints.recommend(search, search.site)
    return functions.recommend(search, search.site)
