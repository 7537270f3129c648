"""Experiments, their trials, and the components of trials: what was tried, with what, and what came of it."""
