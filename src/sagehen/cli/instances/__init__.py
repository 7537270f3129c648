"""Machines: the types there are, how many can be had, a Spot interruption, a way in."""
