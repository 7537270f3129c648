"""Elastic IP addresses: out of the loopback range, so that a machine can answer there."""
