"""What carries stacks out: resources are made in the order of their needs, several at once; or taken back."""
