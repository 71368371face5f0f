"""The roster and the calendar through the REST interface: each address calls the action of its page."""
