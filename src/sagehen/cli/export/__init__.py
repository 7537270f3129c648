"""`sagehen export`: what is here, as a template that AWS takes."""
