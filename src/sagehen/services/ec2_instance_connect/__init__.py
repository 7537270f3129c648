"""EC2 Instance Connect: keys that are let in for a minute."""
