"""What happens to meetings: every write, one verb each (§6)."""
