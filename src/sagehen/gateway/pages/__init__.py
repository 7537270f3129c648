"""The platform's own pages: no AWS."""
