"""Doors of machines: SSH, and the ports that programs inside listen on, at each machine's own address."""
