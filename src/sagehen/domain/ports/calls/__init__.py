"""Ports of the front door: the platform's own operations, called inside it, and requests in their form."""
