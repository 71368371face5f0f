"""An e-mail, under the message's name, so that a second copy is known as one."""

from __future__ import annotations

from django.core.mail import EmailMessage

from staff.channels.message import Message, Route


def send(route: Route, message: Message) -> str:
    """Send a message. Raises whatever the mail server makes of it."""
    one = message.items[0]
    body = message.text if message.heading else f"{one.body}\n\n{one.url}"
    EmailMessage(
        subject=message.subject,
        body=f"{body}\n",
        to=[route.address],
        headers={"Message-ID": f"<{message.name}@opsdesk>"},
    ).send()
    return ""
