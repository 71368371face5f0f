"""Pages of figures, one file a page."""
