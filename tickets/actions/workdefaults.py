"""The work types of the process, as an installation begins with them (tail §7.2, §7.3)."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import transaction

from tickets.changes import OPTIONAL
from tickets.models import RequiredDocument, WorkType

# Their words are data, as they are used in the trade; our defaults, not from the process document.
DEFAULTS = Path(__file__).with_suffix(".json")


@transaction.atomic
def load_work_types() -> None:
    """Create the four types of the process with their usual documents; never changes one that is there."""
    known = set(WorkType.objects.values_list("code", flat=True))
    for facts in json.loads(DEFAULTS.read_text(encoding="utf-8")):
        documents = facts.pop("documents")
        if facts["code"] in known:
            continue
        found = WorkType.objects.create(optional_steps=list(OPTIONAL), **facts)
        RequiredDocument.objects.bulk_create(
            RequiredDocument(type=found, step=step, name=name, name_en=name_en)
            for step, name, name_en in documents
        )
