"""Who may ask the registry: authorization tokens, and the operations on the registry as a whole."""
