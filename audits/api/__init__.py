"""Quality audits through the REST interface."""
