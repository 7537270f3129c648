"""Key policies: their documents, the operations on them, and the guard that adds a key's grants."""
