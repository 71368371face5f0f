"""Monthly reports through the REST interface."""
