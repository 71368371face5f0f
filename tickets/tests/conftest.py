"""Fixtures of the tests of records: mail servers."""

from tickets.tests.mailserver import imap, mailbox, post_office

__all__ = ["imap", "mailbox", "post_office"]
