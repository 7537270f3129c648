"""Key pairs: who has the private half may log in. Only the public half is kept."""
