"""On which node an instance goes. Nothing here has effects: `ray` reserves, `executor` starts there."""
