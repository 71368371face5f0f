"""Everything that is written of figures: their targets, the numbers filed for them, and the counts kept."""

from reports.actions.keeping import count_anew, keep

__all__ = ["count_anew", "keep"]
