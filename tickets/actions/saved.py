"""Views of the list are kept and thrown away. Not a record's business: they leave no history."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.lifecycle import Refused
from tickets.models import SavedView

MOST_VIEWS = 30
LONGEST_QUERY = SavedView._meta.get_field("query").max_length or 0


@transaction.atomic
def save_view(name: str, query: str, *, shared: bool, by: User) -> SavedView:
    """Keep a view (`query` as in the address) under a name; a person's own view of that name is replaced.

    Shared, it is for his group too. Raises `Refused` for contacts, without a group to share with, and when
    he has 30 already.
    """
    name = require(name, "name")
    if by.is_contact:
        raise Refused(_("Only the staff may save views."), code="forbidden")
    if shared and by.group is None:
        raise Refused(_("You belong to no group to share it with."), field="shared", code="invalid")
    if len(query) > LONGEST_QUERY:
        raise Refused(_("These filters are too long to be saved."), field="name", code="invalid")
    own = SavedView.objects.filter(owner=by)
    if not own.filter(name=name).exists() and own.count() >= MOST_VIEWS:
        raise Refused(_("You have 30 views already. Delete one first."), field="name", code="too_many")
    view, _is_new = SavedView.objects.update_or_create(
        owner=by, name=name, defaults={"query": query, "group": by.group if shared else None}
    )
    return view


def delete_view(view: SavedView, *, by: User) -> None:
    """Throw a view away. Raises `Refused` unless it is his own, shared or not."""
    if view.owner_id != by.pk:
        raise Refused(_("Only its owner may delete a view."), code="forbidden")
    view.delete()
