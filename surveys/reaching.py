"""By which ways a contact can be reached, in which language; who may be asked at all now (§4.1.2, §4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from clients.models import Channel, Contact, PhoneKind
from surveys.models import Invitation, InvitationState
from surveys.pursuing import ways
from surveys.sampling import Candidate


def usable_ways(contact: Contact) -> list[str]:
    """The ways that lead to somebody: an e-mail address, a number, a postal address; a visit always does."""
    kinds = {phone.kind for phone in contact.phones.all()}
    client = contact.client
    has_address = bool(contact.postal_address or client.postal_address or client.address)
    found = {
        Channel.EMAIL: bool(contact.email),
        Channel.PHONE: bool(kinds - {PhoneKind.FAX}),
        Channel.FAX: PhoneKind.FAX in kinds,
        Channel.LETTER: has_address,
        Channel.ON_SITE: True,
    }
    return [way.value for way, is_usable in found.items() if is_usable]


def ways_to(contact: Contact, offered: Iterable[str]) -> list[str]:
    """The ways in the order in which they are tried: his own wish first, then his client's."""
    preferred = contact.preferred_channel or contact.client.preferred_channel
    return ways(list(offered), usable_ways(contact), preferred)


def language_of(contact: Contact) -> str:
    """The language in which somebody is written to: his own, his account's, his client's, Chinese."""
    account = contact.user.language if contact.user else ""
    return contact.language or account or contact.client.language or settings.LANGUAGE_CODE


def candidate(
    contact: Contact, offered: Iterable[str], rest: Mapping[int, datetime], busy: Iterable[int], **more: Any
) -> Candidate:
    """What is known of a contact: `rest` is when each was last sent a survey, `busy` who has an open one."""
    return Candidate(
        is_active=contact.is_active and contact.client.is_active,
        is_staff=contact.user is not None and not contact.user.is_contact,
        wants_none=contact.wants_no_surveys or contact.client.wants_no_surveys,
        has_open=contact.pk in busy,
        has_way=bool(ways_to(contact, offered)),
        last_sent_at=rest.get(contact.pk),
        **more,
    )


def last_sent(contacts: Iterable[int]) -> dict[int, datetime]:
    """When each was last sent a survey of any kind, answered or withdrawn or not; doubles count as one."""
    found: dict[int, datetime] = {}
    rows = Invitation.objects.filter(_of(contacts), sent_at__isnull=False).order_by()
    for pk, merged_into, last in rows.values_list("contact", "contact__merged_into").annotate(
        last=Max("sent_at")
    ):
        for one in (pk, merged_into):
            if one is not None:
                found[one] = max(last, found.get(one, last))
    return found


def with_open(contacts: Iterable[int]) -> set[int]:
    """Who of the contacts has a survey before him, or one about to be sent."""
    states = [InvitationState.OPEN, InvitationState.PLANNED]
    found = Invitation.objects.filter(_of(contacts), state__in=states, is_exception=False)
    pairs = found.values_list("contact", "contact__merged_into")
    return {one for pair in pairs for one in pair if one is not None}


def _of(contacts: Iterable[int]) -> Q:
    asked = list(contacts)
    return Q(contact__in=asked) | Q(contact__merged_into__in=asked)
