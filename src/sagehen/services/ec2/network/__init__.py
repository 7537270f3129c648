"""VPCs and what is in them. It is recorded: no packet is routed by it; security groups do decide."""
