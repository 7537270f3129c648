"""What a request is checked for before anything is called: parameters, and bodies by models."""
