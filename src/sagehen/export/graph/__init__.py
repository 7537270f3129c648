"""What there is, and what it says of one another. Pure."""
