"""Counts kept of the figures, what has become stale of them, and how far they reach."""

from reports.models.kept import KeptCount, Reckoning, StaleSpan

__all__ = ["KeptCount", "Reckoning", "StaleSpan"]
