"""Counts of whole periods, kept: what of a figure comes from them, and what is counted from rows."""
