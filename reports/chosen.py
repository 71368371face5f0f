"""Whose figures a reader has chosen in the address, and whether he may read them.

Who sees everything reads the department, each group and each client. A supervisor reads his group: the
group, each of its people, and each client as far as his group works for him. Figures of a single person are
for himself, the supervisor of his group and the leaders alone, whoever else sees everything (§3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from clients.models import Client
from reports.scope import Scope
from staff.models import Group, Role, User

NAMES = ("group", "person", "client")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address names: a group by its code, a person by his sign-in name, a client by his code."""

    reader: User
    group: Group | None = None
    person: User | None = None
    client: Client | None = None

    @property
    def scope(self) -> Scope:
        group, person, client = (
            named.pk if named else None for named in (self.group, self.person, self.client)
        )
        return Scope(group, person, client)

    @property
    def is_readers_group(self) -> bool:
        """Whether they are figures of the reader's own group, all rows of which he sees."""
        return self.group is not None and self.group.pk == self.reader.group_id

    def query(self, **more: object) -> str:
        """Return the query string of this choice, for links between pages of figures and to their rows."""
        named = {
            "group": self.group and self.group.code,
            "person": self.person and self.person.username,
            "client": self.client and self.client.code,
        }
        wanted = {name: value for name, value in named.items() if value}
        return urlencode(wanted | {name: str(value) for name, value in more.items() if value is not None})


def choose(reader: User, asked: QueryDict) -> Chosen:
    """Return what the address asks for, a supervisor's own group where it names none.

    Raises Http404 for what is not there or not the reader's, PermissionDenied where he may read no figures of
    others and asks for no person.
    """
    group, person, client = (asked.get(name, "").replace("\0", "") for name in NAMES)
    if person:
        return _of_a_person(reader, person, group, client)
    if not reader.sees_everything and reader.role != Role.SUPERVISOR:
        raise PermissionDenied
    his = reader.group if not reader.sees_everything else None
    if his and group not in ("", his.code):
        raise Http404
    return Chosen(reader, his or _named(Group.objects, code=group), None, _client(reader, client))


def choose_or_own(reader: User, asked: QueryDict) -> Chosen:
    """The same; who reads no figures of others and names nobody reads his own."""
    reads_others = reader.sees_everything or reader.role == Role.SUPERVISOR
    if not reads_others and not reader.is_contact and not asked.get("person"):
        if asked.get("group") or asked.get("client"):
            raise PermissionDenied
        return Chosen(reader, person=reader)
    return choose(reader, asked)


def may_read_person(reader: User, person: User) -> bool:
    """Say whether somebody reads what concerns a single person: himself, his supervisor, leaders."""
    if reader.pk == person.pk or reader.role == Role.LEADER:
        return not reader.is_contact
    return (
        reader.role == Role.SUPERVISOR and reader.group_id is not None and reader.group_id == person.group_id
    )


def with_chosen(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view what its address has chosen."""

    @wraps(view)
    def chosen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, choose(cast(User, request.user), request.GET), *args, **kwargs)

    return chosen


def _of_a_person(reader: User, username: str, group: str, client: str) -> Chosen:
    person = _named(User.objects.exclude(role=Role.CONTACT), username=username)
    if person is None or group or client or not may_read_person(reader, person):
        raise Http404
    return Chosen(reader, None, person)


def _client(reader: User, code: str) -> Client | None:
    return _named(Client.objects.visible_to(reader), code=code)


def _named(rows: Any, **wanted: str) -> Any:
    (value,) = wanted.values()
    if not value:
        return None
    if (found := rows.filter(**wanted).first()) is None:
        raise Http404
    return found
