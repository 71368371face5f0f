"""Checklist templates are written and retired. What is on a record already keeps its wording."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.lifecycle import Refused
from tickets.models import ChecklistTemplate

MOST_ITEMS, LONGEST_ITEM = 50, 200


def may_edit_template(by: User, template: ChecklistTemplate) -> bool:
    """A supervisor his group's; an administrator all."""
    return by.may_administer or (by.may_supervise and by.group_id == template.group_id)


@transaction.atomic
def save_template(
    template: ChecklistTemplate, items: list[dict[str, Any]], *, by: User, now: datetime
) -> ChecklistTemplate:
    """Save a new template, or the next version of one, with its items in order.

    An item is `{"text", "text_en", "is_mandatory"}`. Raises `Refused` at the field at fault.
    """
    template.name = require(template.name, "name")
    template.system_kind = template.system_kind.strip()
    _check_items(items)
    before = ChecklistTemplate.objects.select_for_update().get(pk=template.pk) if template.pk else None
    if (before is not None and not may_edit_template(by, before)) or not by.may_supervise:
        raise Refused(_("This checklist is not yours to change."), code="forbidden")
    if not may_edit_template(by, template):
        raise Refused(_("You may write checklists for your own group."), field="group", code="forbidden")
    template.version = before.version + 1 if before else 1
    template.items, template.saved_by, template.saved_at = items, by, now
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        if "tickets_template_name_once" not in str(error):
            raise
        raise Refused(_("There is a checklist of this name already."), field="name", code="taken") from error
    return template


def retire_template(template: ChecklistTemplate, *, by: User, now: datetime) -> None:
    """Take a template out of use; records that have it keep it. A second call changes nothing."""
    if not may_edit_template(by, template):
        raise Refused(_("This checklist is not yours to change."), code="forbidden")
    ChecklistTemplate.objects.in_use().filter(pk=template.pk).update(retired_at=now)


def _check_items(items: list[dict[str, Any]]) -> None:
    if not items:
        raise Refused(_("Write at least one item."), field="items", code="required")
    if len(items) > MOST_ITEMS:
        raise Refused(_("At most 50 items: split the list."), field="items", code="too_many")
    texts = [item["text"] for item in items]
    for number, item in enumerate(items, start=1):
        if max(len(item["text"]), len(item["text_en"])) > LONGEST_ITEM:
            message = _("Line %(number)s is longer than 200 characters.") % {"number": number}
            raise Refused(message, field="items", code="max_length")
        if texts.index(item["text"]) != number - 1:
            message = _("Line %(number)s says the same as one above it.") % {"number": number}
            raise Refused(message, field="items", code="duplicate")
