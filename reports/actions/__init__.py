"""Everything that is written of figures: kept counts, targets, and the numbers that are filed for them."""

from reports.actions.keeping import count_anew, keep

__all__ = ["count_anew", "keep"]
