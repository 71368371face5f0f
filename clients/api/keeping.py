"""Bodies of the REST interface become things of the archive, by the same verbs as those of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request

from clients import actions
from clients.actions import Number, WantsNoSurveys, Wishes
from clients.models import (
    Client,
    ClientType,
    Contact,
    ContactRole,
    Contract,
    PhoneKind,
    ServiceHours,
    Site,
    System,
)
from clients.phones import InvalidPhone
from clients.quiet import Hours, Period
from staff.models import Group, User
from staff.refused import Refused
from staff.restnames import chosen, person_named

Data = dict[str, Any]
# What of a body is no plain field of the thing.
APART = {"contact_hours", "quiet_periods", "no_surveys", "phones", "roles", "systems", "sites"}


class Stale(APIException):
    status_code = 412
    default_code = "stale"
    default_detail = _("The record has changed since you read it. Read it again, then decide.")

    def __init__(self, etag: str) -> None:
        super().__init__()
        self.headers = {"ETag": etag}


def etag_of(thing: Any) -> str:
    return f'"{thing.revision}"'


def revision_wanted(request: Request, thing: Any) -> int | None:
    """The revision that `If-Match` names, None where it names none. Raises Stale."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return None
    if etag_of(thing) not in {tag.strip().removeprefix("W/") for tag in wanted.split(",")}:
        raise Stale(etag_of(thing))
    return int(thing.revision)


def keep(thing: Any, data: Data, *, by: User, now: datetime, revision: int | None = None) -> Any:
    """Save what a checked body says of a thing, new or there already."""
    who = {"by": by, "now": now, "revision": revision}
    _fill(thing, data, by)
    try:
        with transaction.atomic():
            return _saved(thing, data, who)
    except Refused as refused:
        if refused.code == "changed":
            stored = type(thing)._default_manager.get(pk=thing.pk)
            raise Stale(etag_of(stored)) from refused
        raise
    except IntegrityError as error:
        field = "number" if isinstance(thing, Contract) else "code"
        raise ValidationError(
            {field: [ErrorDetail(_("There is such a one already."), code="taken")]}
        ) from error


def _saved(thing: Any, data: Data, who: Mapping[str, Any]) -> Any:
    if isinstance(thing, Client):
        return actions.save_client(thing, **who, wishes=_wishes(thing, data), no_surveys=_surveys(data))
    if isinstance(thing, Contact):
        return _contact(thing, data, who)
    if isinstance(thing, Site):
        return actions.save_site(thing, **who)
    if isinstance(thing, System):
        return actions.save_system(thing, **who)
    covered = [_covered(thing, data, name) for name in ("systems", "sites")]
    return actions.save_contract(thing, *covered, **who)


def _contact(contact: Contact, data: Data, who: Mapping[str, Any]) -> Contact:
    numbers: list[Number]
    if "phones" in data:
        numbers = [
            Number(each["number"], PhoneKind(each["kind"]) if "kind" in each else None)
            for each in data["phones"]
        ]
    else:
        numbers = [Number(one.number, PhoneKind(one.kind)) for one in _phones(contact)]
    roles = None
    if "roles" in data:
        roles = list(ContactRole.objects.filter(code__in=data["roles"]))
        if len(roles) < len(set(data["roles"])):
            raise ValidationError({"roles": [_nothing()]})
    try:
        return actions.save_contact(
            contact, numbers, **who, roles=roles, wishes=_wishes(contact, data), no_surveys=_surveys(data)
        )
    except InvalidPhone as error:
        raise ValidationError({"phones": [ErrorDetail(error.message, code="invalid")]}) from error


def _phones(contact: Contact) -> Any:
    return contact.phones.all() if contact.pk else ()


def _fill(thing: Any, data: Data, by: User) -> None:
    """Put the plain fields and the things that a body names into the thing."""
    for name, value in data.items():
        if name not in APART:
            setattr(thing, name, _found(thing, name, value, by))


def _found(thing: Any, name: str, value: Any, by: User) -> Any:
    if value is None:
        return None
    match name:
        case "type":
            return chosen(ClientType.objects.filter(code=value), name)
        case "group":
            return chosen(Group.objects.filter(code=value), name)
        case "hours":
            return chosen(ServiceHours.objects.filter(code=value), name)
        case "site":
            return chosen(Site.objects.filter(pk=value, client=thing.client), name)
        case "maintainer" | "backup":
            return person_named(value, name, seen_by=by)
    return value


def _covered(contract: Contract, data: Data, name: str) -> list[Any]:
    rows = getattr(contract.client, name)
    if name not in data:
        return list(getattr(contract, name).all()) if contract.pk else []
    found = list(rows.filter(pk__in=data[name]))
    if len(found) < len(set(data[name])):
        raise ValidationError({name: [_nothing()]})
    return found


def _wishes(whom: Client | Contact, data: Data) -> Wishes | None:
    if not {"contact_hours", "quiet_periods"} & set(data):
        return None
    hours = data.get("contact_hours")
    periods = data.get("quiet_periods")
    if hours is None:
        hours = (
            [_row(one, "weekday", "starts", "ends") for one in whom.contact_hours.all()] if whom.pk else []
        )
    if periods is None:
        names = ("starts_on", "ends_on", "every_year", "reason")
        periods = [_row(one, *names) for one in whom.quiet_periods.all()] if whom.pk else []
    wrong = [place for place, one in enumerate(periods) if one["ends_on"] < one["starts_on"]]
    if wrong:
        detail = ErrorDetail(_("The end must come after the start."), code="invalid")
        raise ValidationError({"quiet_periods": {place: {"ends_on": [detail]} for place in wrong}})
    return Wishes([Hours(**one) for one in hours], [Period(**one) for one in periods])


def _row(thing: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}


def _surveys(data: Data) -> WantsNoSurveys | None:
    said = data.get("no_surveys")
    return WantsNoSurveys(said["wanted"], said["reason"]) if said else None


def _nothing() -> ErrorDetail:
    return ErrorDetail(_("There is no such thing."), code="does_not_exist")
