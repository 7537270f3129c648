"""What runs in a notebook instance's machine; one kernel has Jupyter's libraries."""
