"""Templates: read, checked, their parameters bound, their functions evaluated. Without any effect."""
