"""Assessments and their schemes through the REST interface."""
