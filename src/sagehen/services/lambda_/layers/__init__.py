"""Layers: archives that functions share, each version with a policy of its own. No function is known here."""
