"""HTTP on one client's socket, under limits of our own. Knows no AWS, and of requests only where they end."""
