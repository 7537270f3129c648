"""Launching: from what is asked for to rows of machines.

`request`, `interfaces`, `disks` and `admission` decide what RunInstances may make, as an `order`; `making`
writes it down.
"""
