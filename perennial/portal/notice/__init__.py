"""How the organisation treats what it is told."""
