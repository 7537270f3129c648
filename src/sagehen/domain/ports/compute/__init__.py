"""Ports of what runs: instances and machines, their networks, images and functions, and what they cost."""
