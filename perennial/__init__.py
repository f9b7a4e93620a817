"""Perennial keeps the bond between an employer and the people who have worked there."""

__version__ = "0.2.0.dev0"
