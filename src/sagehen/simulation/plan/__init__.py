"""A plan: the file that says what is rehearsed, read with the line of every mistake."""
