"""A dashboard: whose figures of which period, its tiles, and the parts below them with charts and tables."""
