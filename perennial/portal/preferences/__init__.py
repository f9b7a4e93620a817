"""Where a person changes what we may do."""
