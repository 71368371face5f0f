"""A dashboard: whose figures of which period, its tiles, and the parts below them, each with its chart and table."""
