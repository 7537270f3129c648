"""Spot requests: what was asked for, whether it is fulfilled, and what became of the machine."""
