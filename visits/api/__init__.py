"""The REST interface of callbacks (§5.3)."""
