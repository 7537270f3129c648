"""What is sent: bodies, and whole requests as bytes, signed where AWS wants it."""
