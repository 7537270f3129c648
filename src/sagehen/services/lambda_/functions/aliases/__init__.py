"""Aliases: names that point to a version, or split the traffic between two."""
