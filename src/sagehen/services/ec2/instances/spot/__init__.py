"""Spot: requests for machines that AWS may take back, as clients make them, and what fulfils them."""
