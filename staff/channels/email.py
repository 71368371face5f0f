"""An e-mail, under the message's name, so that a second copy is known as one; with its calendar files."""

from __future__ import annotations

from django.core.mail import EmailMessage

from staff.channels.message import Message, Route


def send(route: Route, message: Message) -> str:
    """Send a message. Raises whatever the mail server makes of it."""
    one = message.items[0]
    body = message.text if message.heading else f"{one.body}\n\n{one.url}"
    mail = EmailMessage(
        subject=message.subject,
        body=f"{body}\n",
        to=[route.address],
        headers={"Message-ID": f"<{message.name}@opsdesk>"},
    )
    for item in message.items:
        if item.calendar:
            method = "CANCEL" if "METHOD:CANCEL" in item.calendar else "REQUEST"
            mail.attach("invitation.ics", item.calendar, f"text/calendar; method={method}")
    mail.send()
    return ""
