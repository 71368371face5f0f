"""Which callback, client, need an address means, as far as the reader may see it."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from clients.models import Client
from staff.models import User
from visits.models import Callback


def callback_seen(pk: int, user: User) -> Callback:
    """A callback with all that it names; a 404 for whoever does not see it."""
    return get_object_or_404(Callback.objects.visible_to(user).with_names(), pk=pk)


def client_asked(code: str, user: User) -> Client:
    """The client whose code an address names; a 404 for whoever does not see him."""
    return get_object_or_404(Client.objects.visible_to(user).active().select_related("group"), code=code)
