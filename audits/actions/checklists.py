"""Checklists are edited as drafts and published; a published version never changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from audits.actions.common import check_may_audit, log
from audits.kinds import AuditKind, EventKind
from audits.models import ChecklistItem, ChecklistVersion
from staff.models import User
from staff.refused import Refused, require
from tickets.lifecycle import Moved

DEFAULTS = Path(__file__).parents[1] / "defaults.json"
MOST_ITEMS = 60
FACTS = ("text", "text_en", "hint", "hint_en", "clause", "per_record")


@transaction.atomic
def load_defaults(*, now: datetime) -> None:
    """Publish a first checklist of each kind that has none. Never changes one."""
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for kind, items in defaults["checklists"].items():
        if ChecklistVersion.objects.filter(kind=kind).exists():
            continue
        version = ChecklistVersion.objects.create(
            kind=kind, number=1, published_at=now, source=defaults["source"]
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(version=version, line=place, position=place, **item)
            for place, item in enumerate(items, start=1)
        )
        log(version, EventKind.PUBLISHED, by=None, now=now, text=defaults["source"])


def in_force(kind: str) -> ChecklistVersion | None:
    """Return the version that an audit begun now is held by."""
    return ChecklistVersion.objects.published().filter(kind=kind).order_by("-number").first()


@transaction.atomic
def draft_checklist(kind: AuditKind, *, by: User) -> ChecklistVersion:
    """Return the draft of a kind; where none is, a copy of the last version as the next."""
    check_may_audit(by)
    versions = ChecklistVersion.objects.select_for_update().filter(kind=kind).order_by("-number")
    versions.first()  # wait for whoever begins one; only a second look sees it
    last = versions.first()
    if last is not None and last.is_draft:
        return last
    made = ChecklistVersion.objects.create(kind=kind, number=last.number + 1 if last else 1)
    copies = list(last.items.all()) if last else []
    for item in copies:
        item.pk, item.version = None, made
    ChecklistItem.objects.bulk_create(copies)
    return made


@transaction.atomic
def save_item(
    version: ChecklistVersion, facts: Mapping[str, Any], *, line: int | None, by: User
) -> ChecklistItem:
    """Write an item of a draft: a new one at the end, or the one of that line."""
    kept = {name: facts[name] for name in FACTS if name in facts}
    kept["text"] = require(str(kept.get("text", "")), "text")
    version = _open(version, by)
    if line is not None:
        item = version.items.filter(line=line).first()
        if item is None:
            raise Refused(_("Somebody has taken this item out."), code="gone")
        for name, value in kept.items():
            setattr(item, name, value)
        item.save()
        return item
    if version.items.count() >= MOST_ITEMS:
        raise Refused(_("At most %(most)s items.") % {"most": MOST_ITEMS}, code="too_many")
    known = ChecklistItem.objects.filter(version__kind=version.kind).aggregate(last=Max("line"))
    place = version.items.aggregate(last=Max("position"))["last"] or 0
    return ChecklistItem.objects.create(
        version=version, line=(known["last"] or 0) + 1, position=place + 1, **kept
    )


@transaction.atomic
def remove_item(version: ChecklistVersion, line: int, *, by: User) -> None:
    _open(version, by).items.filter(line=line).delete()


@transaction.atomic
def move_item(version: ChecklistVersion, line: int, *, up: bool, by: User) -> None:
    """Change places with the neighbour; at an end nothing happens."""
    items = list(_open(version, by).items.order_by("position"))
    at = next((place for place, item in enumerate(items) if item.line == line), None)
    other = None if at is None else at - 1 if up else at + 1
    if at is None or other is None or not 0 <= other < len(items):
        return
    items[at].position, items[other].position = items[other].position, items[at].position
    ChecklistItem.objects.bulk_update([items[at], items[other]], ["position"])


@transaction.atomic
def publish_checklist(version: ChecklistVersion, *, by: User, now: datetime) -> ChecklistVersion:
    """Put a draft in force for audits that are begun from now on; those that run keep theirs."""
    fresh = _open(version, by)
    if not fresh.items.exists():
        raise Refused(_("A checklist without an item checks nothing."), code="required")
    fresh.published_at, fresh.published_by = now, by
    fresh.save(update_fields=["published_at", "published_by"])
    log(fresh, EventKind.PUBLISHED, by=by, now=now, text=str(fresh.number))
    return fresh


def _open(version: ChecklistVersion, by: User) -> ChecklistVersion:
    """Lock a draft as the person saw it, and let its edition rise."""
    check_may_audit(by)
    fresh = ChecklistVersion.objects.select_for_update().get(pk=version.pk)
    if not fresh.is_draft:
        raise Refused(_("This version is published: begin the next one."), code="wrong_status")
    if fresh.edition != version.edition:
        raise Moved(_("Somebody was faster: look at it as it is now."))
    ChecklistVersion.objects.filter(pk=fresh.pk).update(edition=F("edition") + 1)
    version.edition = fresh.edition = fresh.edition + 1
    return fresh
