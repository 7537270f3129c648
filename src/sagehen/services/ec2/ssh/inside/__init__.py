"""What the doors run inside machines."""
