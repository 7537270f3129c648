"""Scaling activities: what was done, why, and how it went; and why nothing was done."""
