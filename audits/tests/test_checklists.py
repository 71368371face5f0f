"""Checklists: four to begin with, edited as drafts, frozen when published (§4.1.1, tail §6.4)."""

from __future__ import annotations

import pytest

from audits import actions
from audits.kinds import AuditKind
from audits.models import ChecklistItem, ChecklistVersion
from audits.tests.auditing import begun
from opsdesk.testing import MONDAY, Cast
from staff.refused import Refused

pytestmark = pytest.mark.django_db


def test_there_are_four_to_begin_with_and_they_are_never_changed(cast: Cast) -> None:
    actions.load_defaults(now=MONDAY)
    actions.load_defaults(now=MONDAY)
    assert sorted(ChecklistVersion.objects.values_list("kind", "number")) == sorted(
        (kind.value, 1) for kind in AuditKind
    )
    for item in ChecklistItem.objects.all():
        assert item.text and item.text_en and item.hint and item.hint_en
    assert all(one.items.filter(per_record=True).exists() for one in ChecklistVersion.objects.all())


def test_an_audit_keeps_the_version_that_it_was_begun_with(cast: Cast) -> None:
    audit = begun(cast)
    draft = actions.draft_checklist(AuditKind.PROCESS, by=cast.zhou)
    assert draft.number == 2 and actions.draft_checklist(AuditKind.PROCESS, by=cast.zhou) == draft
    assert [one.line for one in draft.items.all()] == [one.line for one in audit.checklist.items.all()]
    item = actions.save_item(draft, {"text": "新的一条", "per_record": True}, line=None, by=cast.zhou)
    actions.move_item(draft, item.line, up=True, by=cast.zhou)
    actions.remove_item(draft, 1, by=cast.zhou)
    draft = actions.publish_checklist(draft, by=cast.zhou, now=MONDAY)
    audit.refresh_from_db()
    assert audit.checklist.number == 1 and audit.checklist.items.filter(line=1).exists()
    assert begun(cast).checklist == draft
    with pytest.raises(Refused):
        actions.save_item(draft, {"text": "x"}, line=None, by=cast.zhou)


def test_who_edits_what_somebody_changed_meanwhile_is_told(cast: Cast) -> None:
    actions.load_defaults(now=MONDAY)
    draft = actions.draft_checklist(AuditKind.SOFTWARE, by=cast.zhou)
    stale = ChecklistVersion.objects.get(pk=draft.pk)
    actions.save_item(draft, {"text": "x"}, line=1, by=cast.zhou)
    with pytest.raises(Refused) as refused:
        actions.save_item(stale, {"text": "y"}, line=1, by=cast.admin)
    assert refused.value.code == "moved"


def test_an_item_without_words_and_a_list_without_items_are_refused(cast: Cast) -> None:
    actions.load_defaults(now=MONDAY)
    draft = actions.draft_checklist(AuditKind.HARDWARE, by=cast.zhou)
    with pytest.raises(Refused) as refused:
        actions.save_item(draft, {"text": " "}, line=None, by=cast.zhou)
    assert refused.value.field == "text"
    for item in list(draft.items.all()):
        actions.remove_item(draft, item.line, by=cast.zhou)
    with pytest.raises(Refused, match="checks nothing"):
        actions.publish_checklist(draft, by=cast.zhou, now=MONDAY)
