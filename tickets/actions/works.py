"""Work types are written and changed; what is planned already keeps the steps and documents it began with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import require
from tickets.changes import OPTIONAL, WorkStep
from tickets.changestanding import may_edit_types
from tickets.lifecycle import Moved, Refused
from tickets.models import RequiredDocument, WorkType

MOST_DOCUMENTS, LONGEST_NAME, LONGEST_LEAD = 40, 120, 365


@dataclass(frozen=True, slots=True)
class Needed:
    """A document that changes of a type have to have."""

    step: str
    name: str
    name_en: str = ""


@transaction.atomic
def save_work_type(work_type: WorkType, documents: Sequence[Needed], *, by: User) -> WorkType:
    """Save a new type, or the next version of one, with its documents in order.

    Raises `Moved` where somebody has changed it since `work_type.version`, `Refused` at the field at fault.
    """
    if not may_edit_types(by):
        raise Refused(_("Supervisors and administrators write work types."), code="forbidden")
    if work_type.pk:
        before = WorkType.objects.select_for_update().get(pk=work_type.pk)
        if before.version != work_type.version:
            raise Moved(_("Somebody has changed this work type since you opened it."))
        work_type.version += 1
    work_type.name = require(work_type.name, "name")
    work_type.optional_steps = [step for step in OPTIONAL if step in work_type.optional_steps]
    if not 0 <= work_type.lead_days <= LONGEST_LEAD:
        raise Refused(_("Between 0 and 365 days."), field="lead_days", code="out_of_range")
    _check(documents)
    try:
        with transaction.atomic():
            work_type.save()
    except IntegrityError as error:
        if "code" not in str(error):
            raise
        raise Refused(_("There is a work type of this code already."), field="code", code="taken") from error
    work_type.documents.all().delete()
    RequiredDocument.objects.bulk_create(
        RequiredDocument(type=work_type, step=one.step, name=one.name.strip(), name_en=one.name_en.strip())
        for one in documents
    )
    return work_type


def _check(documents: Sequence[Needed]) -> None:
    if len(documents) > MOST_DOCUMENTS:
        raise Refused(_("At most 40 documents."), field="documents", code="too_many")
    seen: set[tuple[str, str]] = set()
    for one in documents:
        key = (one.step, one.name.strip())
        if (
            one.step not in WorkStep.values
            or not key[1]
            or max(len(one.name), len(one.name_en)) > LONGEST_NAME
        ):
            message = _("Each document has a step and a name of at most 120 characters.")
            raise Refused(message, field="documents", code="invalid")
        if key in seen:
            message = _("The document “%(name)s” stands there twice.") % {"name": key[1]}
            raise Refused(message, field="documents", code="duplicate")
        seen.add(key)
