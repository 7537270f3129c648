"""Lifecycle: rules that expire objects, versions and unfinished uploads on the platform's clock.

`validation` and `operations` take rules in, `rules` says what they make of a version, `announcements` tells
clients beforehand, `loop` does it.
"""
