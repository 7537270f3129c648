"""Run Command: scripts that run inside machines, as root."""
