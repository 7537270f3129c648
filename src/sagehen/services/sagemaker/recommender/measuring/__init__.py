"""What is measured of an endpoint: samples, users that ask it, and what it comes to."""
