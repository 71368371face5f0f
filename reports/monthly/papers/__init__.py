"""The papers of a monthly report: PDF and Word as of every document, and Excel; all from one structure."""
