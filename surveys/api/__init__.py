"""The REST interface of surveys, one file a subject."""
