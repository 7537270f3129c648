"""What there is to share out: instance types as this machine can stand in for them, and its GPUs."""
