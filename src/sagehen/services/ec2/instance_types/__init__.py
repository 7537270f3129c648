"""Instance types: what they are, where they are offered, what they cost, which satisfy a requirement."""
