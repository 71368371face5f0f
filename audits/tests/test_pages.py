"""The pages of audits: read by whom they are meant for, steps taken, nothing typed lost, few queries."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from audits import actions
from audits.kinds import AuditKind
from audits.models import Audit, ChecklistVersion, PlannedAudit
from audits.paper import document
from audits.tests.auditing import begun, closed_records, drawn, looked_at, raised
from audits.tests.pages import audit_pages
from opsdesk.testing import MONDAY, Cast
from staff.models import Notice, User
from staff.tests.hostile import PDF

pytestmark = pytest.mark.django_db
MOST_QUERIES = 17  # of a whole page, with session, person and frame


def signed_in(user: User, language: str = "en") -> Browser:
    browser = Browser(headers={"Accept-Language": language})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_every_page_opens_in_both_languages_in_few_queries(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    pages = audit_pages(cast)
    browsers = {
        (who, language): signed_in(getattr(cast, who), language)
        for who, _path in pages
        for language in ("en", "zh-hans")
    }
    for who, path in pages:
        for language in ("en", "zh-hans"):
            with django_assert_max_num_queries(MOST_QUERIES):
                answer = browsers[who, language].get(path)
            assert answer.status_code == 200, path
    assert signed_in(cast.zhou).get(reverse("staff:inbox")).status_code == 200
    kinds = {"finding", "finding_overdue", "audit_report", "audit_missed"}
    assert kinds == set(Notice.objects.filter(kind__in=kinds).values_list("kind", flat=True))


def test_a_list_costs_the_same_however_long_it_is(cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    audit = begun(cast)
    for number in range(15):
        audit.refresh_from_db()
        raised(cast, audit, kind=("danger", "problem")[number % 2])
        begun(cast)
    actions.propose_plan(2027, dict.fromkeys(actions.USUAL_TIMES, 12), by=cast.zhou, now=MONDAY)
    zhou = signed_in(cast.zhou)
    for name in ("audits:findings", "audits:audits", "audits:plan"):
        zhou.get(reverse(name))
        with django_assert_max_num_queries(12):
            assert zhou.get(reverse(name) + "?year=2027").status_code == 200


def test_nobody_opens_what_is_not_his(cast: Cast) -> None:
    audit, year = begun(cast), MONDAY.year
    finding = raised(cast, audit)
    here, there = reverse("audits:audit", args=[audit.pk]), reverse("audits:finding", args=[finding.pk])
    expected = {
        "chen": (404, 200),
        "li": (404, 404),
        "outsider": (404, 404),
        "wang": (200, 200),
        "sun": (403, 403),
    }
    for who, codes in expected.items():
        browser = signed_in(getattr(cast, who))
        assert (browser.get(here).status_code, browser.get(there).status_code) == codes, who
    for who in ("li", "wang", "zhao", "sun"):
        browser = signed_in(getattr(cast, who))
        for name, args in (
            ("audits:propose", []),
            ("audits:plan_create", []),
            ("audits:begin", []),
            ("audits:terms", []),
            ("audits:adopt", [year]),
            ("audits:checklist_draft", ["process"]),
        ):
            assert browser.post(reverse(name, args=args), {}).status_code == 403, (who, name)
    assert signed_in(cast.li).get(reverse("audits:trend")).status_code == 403


def test_what_was_typed_comes_back_with_what_is_missing(cast: Cast) -> None:
    audit = begun(cast)
    zhou = signed_in(cast.zhou)
    answer = zhou.post(
        reverse("audits:step", args=[audit.pk, "report"]),
        {"conclusion": "ALL FINE", "version": audit.version},
    )
    text = answer.content.decode()
    assert answer.status_code == 422 and "ALL FINE" in text and "have not been looked at yet" in text
    checks = list(audit.checks.order_by("pk"))
    body = {
        f"result-{checks[0].pk}": "deviates",
        f"result-{checks[1].pk}": "conforms",
        f"note-{checks[1].pk}": "KEPT",
    }
    answer = zhou.post(reverse("audits:checks", args=[audit.pk]), body)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Say what does not conform." in text and "KEPT" in text
    assert not audit.checks.exclude(result="").exists()
    body[f"note-{checks[0].pk}"] = "x"
    assert zhou.post(reverse("audits:checks", args=[audit.pk]), body).status_code == 302
    assert zhou.post(reverse("audits:checks", args=[audit.pk]), body).status_code == 302  # pressed twice
    stale = {**body, f"note-{checks[0].pk}": "MINE"}
    answer = zhou.post(reverse("audits:checks", args=[audit.pk]), stale)
    text = answer.content.decode()
    assert answer.status_code == 409 and "Meanwhile this was kept:" in text and "MINE" in text
    assert audit.checks.get(pk=checks[0].pk).note == "x"
    untouched = {f"was-{name}-{checks[0].pk}": value for name, value in (("result", ""), ("note", ""))}
    assert zhou.post(reverse("audits:checks", args=[audit.pk]), untouched).status_code == 302
    assert audit.checks.get(pk=checks[0].pk).note == "x"  # what he has not touched is a colleague's
    danger = raised(cast, Audit.objects.get(pk=audit.pk), client=None)
    answer = zhou.post(
        reverse("audits:finding_step", args=[danger.pk, "open_record"]), {"version": danger.version}
    )
    assert answer.status_code == 422 and "Choose the client" in answer.content.decode()
    refused = signed_in(cast.chen).post(
        reverse("audits:finding_step", args=[danger.pk, "verify"]),
        {"is_effective": "yes", "note": "x", "version": danger.version},
    )
    assert refused.status_code == 403


def test_a_year_is_proposed_changed_and_adopted_on_its_pages(cast: Cast) -> None:
    zhou, year = signed_in(cast.zhou), timezone.localdate().year + 1
    body = {"process": 2, "software": 1, "hardware": 1, "documents": 2}
    answer = zhou.post(reverse("audits:propose") + f"?year={year}", body)
    assert answer.status_code == 302 and PlannedAudit.objects.filter(year=year).count() == 10
    assert zhou.post(reverse("audits:propose") + f"?year={year}", {**body, "process": 13}).status_code == 422
    one = PlannedAudit.objects.filter(year=year).earliest("pk")
    moved = {"planned_on": f"{year}-01-02", "auditor": cast.zhou.pk, "note": "", "version": one.version}
    answer = zhou.post(reverse("audits:planned", args=[one.pk]), {**moved, "planned_on": "2020-01-06"})
    assert answer.status_code == 422 and "This day is over." in answer.content.decode()
    stale = {**moved, "planned_on": one.planned_on, "note": "MINE", "version": one.version + 1}
    answer = zhou.post(reverse("audits:planned", args=[one.pk]), stale)
    text = answer.content.decode()
    assert answer.status_code == 422 and "Somebody was faster" in text and "MINE" in text
    again = {**stale, "version": answer.context["form"]["version"].value()}  # he has seen it now
    assert zhou.post(reverse("audits:planned", args=[one.pk]), again).status_code == 302
    one.refresh_from_db()
    assert one.note == "MINE"
    for step in ("plan_drop", "plan_begin"):
        zhou.post(reverse(f"audits:{step}", args=[one.pk]), {"reason": "x", "version": one.version - 1})
        one.refresh_from_db()
        assert one.state == "proposed"
    assert zhou.post(reverse("audits:adopt", args=[year])).status_code == 302
    assert not PlannedAudit.objects.filter(year=year, state="proposed").exists()
    assert zhou.get(reverse("audits:adopt", args=[year])).status_code == 405


def test_evidence_is_given_out_to_whom_the_audit_is_shown(cast: Cast) -> None:
    audit = begun(cast)
    file = BytesIO(PDF)
    file.name = "report.pdf"
    check = audit.checks.earliest("pk")
    zhou = signed_in(cast.zhou)
    assert (
        zhou.post(reverse("audits:attach", args=[audit.pk]), {"files": file, "check": check.pk}).status_code
        == 302
    )
    kept = audit.files.get()
    file = BytesIO(b"Taken on site.")
    file.name = "note.txt"
    facts = {f"result-{check.pk}": "conforms", f"note-{check.pk}": "TYPED", "files": file, "check": check.pk}
    answer = zhou.post(reverse("audits:checks", args=[audit.pk]), facts)
    assert answer.status_code == 302 and audit.files.count() == 2
    check.refresh_from_db()
    assert check.note == "TYPED"  # what was typed beside the file is kept with it
    address = reverse("audits:evidence", args=[audit.pk, kept.pk])
    assert kept.check_of == check and b"".join(zhou.get(address).streaming_content) == PDF
    assert signed_in(cast.wang).get(address).status_code == 200
    assert signed_in(cast.chen).get(address).status_code == 404
    assert (
        signed_in(cast.wang).post(reverse("audits:attach", args=[audit.pk]), {"files": file}).status_code
        == 403
    )


def test_page_pdf_and_word_are_written_from_one_structure(cast: Cast) -> None:
    closed_records(cast)
    audit = looked_at(cast, drawn(cast), bad=1)
    raised(cast, audit, check=audit.checks.get(result="deviates"))
    paper = document(Audit.objects.with_names().get(pk=audit.pk), now=MONDAY)
    texts = [text for text in paper.texts() if text != paper.footnote]  # which says when it was read
    assert audit.seed in texts and "备份三个月没有做过恢复演练" in "\n".join(texts)
    page = signed_in(cast.wang).get(reverse("audits:paper", args=[audit.pk])).content.decode()
    assert all(line in page for text in texts for line in text.split("\n") if not set(line) & set("<>&'\""))
    for form, begins in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = signed_in(cast.wang).get(reverse("audits:paper_file", args=[audit.pk, form]))
        assert answer.status_code == 200 and answer.content.startswith(begins)
    assert signed_in(cast.li).get(reverse("audits:paper_file", args=[audit.pk, "pdf"])).status_code == 404


def test_a_button_does_nothing_to_a_checklist_that_has_changed_since_it_was_shown(cast: Cast) -> None:
    actions.load_defaults(now=MONDAY)
    zhou = signed_in(cast.zhou)
    draft = actions.draft_checklist(AuditKind.PROCESS, by=cast.zhou)
    before = [(one.line, one.position) for one in draft.items.all()]
    buttons = [
        ("checklist_publish", [draft.pk], {}),
        ("item_move", [draft.pk, 1], {"to": "down"}),
        ("item_remove", [draft.pk, 1], {}),
    ]
    for unseen in ({}, {"edition": draft.edition + 1}, {"edition": "x"}):
        for name, args, facts in buttons:
            zhou.post(reverse(f"audits:{name}", args=args), {**facts, **unseen})
            fresh = ChecklistVersion.objects.get(pk=draft.pk)
            assert fresh.is_draft and [(one.line, one.position) for one in fresh.items.all()] == before
    item = {"text": "新的一条", "edition": draft.edition + 1}
    answer = zhou.post(reverse("audits:item_create", args=[draft.pk]), item)
    assert answer.status_code == 422 and "新的一条" in answer.content.decode()
    again = {**item, "edition": answer.context["form"]["edition"].value()}
    assert zhou.post(reverse("audits:item_create", args=[draft.pk]), again).status_code == 302
    edition = ChecklistVersion.objects.get(pk=draft.pk).edition
    zhou.post(reverse("audits:checklist_publish", args=[draft.pk]), {"edition": edition})
    assert not ChecklistVersion.objects.get(pk=draft.pk).is_draft
