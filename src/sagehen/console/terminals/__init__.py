"""Terminals in the console's page: tickets, and what carries bytes between a page and a machine's shell.

How the bytes reach a browser is the gateway's (`gateway/pages/console/terminals.py`).
"""
