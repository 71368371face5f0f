"""Weekly meetings and their decisions through the REST interface."""
