"""What runs inside machines. Standard library only, but for the fork of what is preloaded."""
