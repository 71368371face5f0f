"""Figures through the REST interface."""
