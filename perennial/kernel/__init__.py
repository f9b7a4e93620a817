"""What every module may use: time, names, purposes, signed tokens, links, keys. No models."""
