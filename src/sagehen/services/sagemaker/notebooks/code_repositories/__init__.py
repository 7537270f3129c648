"""Code repositories: where Git repositories are, by name, and how a notebook instance gets them."""
