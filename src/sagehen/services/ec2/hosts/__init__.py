"""Hosts: the machines behind instances. `host.py` says what instances and the doors in front ask of them."""
