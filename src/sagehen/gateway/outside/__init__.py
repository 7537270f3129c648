"""Ways to other hosts, and the rule of where they may lead.

Whether a request may leave at all is decided elsewhere.
"""
