"""Variants without instances of their own: environments that come when requests do, and go when none come.

As of functions: an environment answers one request at a time, the last one used is used first, and what
has not been used for a while ends. Starting and ending them is the control plane's; it is told that somebody
waits.
"""
