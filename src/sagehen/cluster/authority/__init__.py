"""The platform's own certificate authority, and what it vouches for. No connection is made here."""
