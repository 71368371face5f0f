"""The questionnaire on paper: to be posted, faxed or taken along, and keyed back by its number (§4.1.2)."""
