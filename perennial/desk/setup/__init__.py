"""The set-up page, which a one-time link opens and nothing else."""
