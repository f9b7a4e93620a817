"""Somebody's own page: what we hold of them, and what they ask about it."""
