"""Launch templates: what RunInstances is asked for, kept in versions."""
