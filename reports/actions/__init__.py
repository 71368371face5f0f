"""What is written for the figures."""

from reports.actions.keeping import count_anew, keep

__all__ = ["count_anew", "keep"]
