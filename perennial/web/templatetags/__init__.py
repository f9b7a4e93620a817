"""Template tags that all sites share."""
