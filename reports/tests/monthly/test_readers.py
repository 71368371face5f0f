"""Who reads what: nothing of another client, nobody's overrun, no assessment where it does not belong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from opsdesk.testing import at
from opsdesk.tests.rest import caller
from reports.assessment.section import AssessedLine
from reports.monthly import actions as monthly
from reports.monthly.kinds import Edition
from reports.monthly.papers import workbook
from reports.monthly.reading import document_for
from reports.monthly.sections import assessment
from reports.tests.making_others import corrective, finding
from reports.tests.monthly.parsing import of_excel, of_pdf, of_word, squeezed
from reports.tests.monthly.world import DRAFTED, EXPLAINED, OTHER
from surveys.models import CorrectiveAction
from tickets.documents import pdf, word

OF_OTHERS = ("OTHER-CLIENT-SENTINEL", squeezed(OTHER))
OF_AUDITS = ("DANGER-SENTINEL", "CORRECTIVE-SENTINEL")
OF_PERSONS = ("EXPLANATION-SENTINEL", "ASSESSMENT-SENTINEL")


@pytest.fixture
def assessed(monkeypatch, cast):
    line = {"name": "ASSESSMENT-SENTINEL 陈工", "name_en": "", "is_group": False, "state": "final"}
    marks = {"score": Decimal("91.5"), "grade": "B", "factor": Decimal("1.0"), "is_final": True}

    def sections(month, group):
        return [AssessedLine(group=group or cast.south, **line, **marks)]

    monkeypatch.setattr(assessment, "assessment_section", sections)


def said(document) -> str:
    """All that a document says, and all that its three files say, in one text without blanks."""
    content = document.as_json()
    texts = ["".join(document.texts()), of_word(word.write(content))[0], of_excel(workbook.write(content))[0]]
    return squeezed("".join([*texts, of_pdf(pdf.write(content))[0]]))


@pytest.mark.usefixtures("assessed")
def test_a_clients_edition_holds_nothing_of_others_in_any_paper_and_language(request, cast, client):
    world = request.getfixturevalue("world")
    found_at = at("2026-10-13 09:00")
    finding(cast, "2026-10-20", kind="danger", title="DANGER-SENTINEL", raised_at=found_at)
    corrective(cast, "2026-10-20", source="audit", opened_at=found_at)
    CorrectiveAction.objects.update(title="CORRECTIVE-SENTINEL")
    report = world.publish(Edition.CLIENT, achievements="平稳")
    found = said(document_for(report, cast.zhao, "zh-hans"))  # a leader reads all that there is
    found += squeezed("".join(document_for(report, cast.zhao, "en").texts()))
    assert "系统崩溃" in found
    for sentinel in (*OF_OTHERS, *OF_PERSONS, *OF_AUDITS):
        assert sentinel not in found
    # The same sentinels are where they belong: the test would see them.
    document = document_for(world.report(Edition.DEPARTMENT), cast.zhao, "zh-hans")
    whole = squeezed("".join(document.texts()))
    assert all(sentinel in whole for sentinel in (*OF_OTHERS, *OF_PERSONS, *OF_AUDITS))

    # His portal, list, page and files; and nothing of the house's.
    client.force_login(cast.sun)
    department = world.publish(Edition.DEPARTMENT)
    pages = [reverse("monthly_portal:reports"), reverse("monthly_portal:report", args=[report.pk])]
    pages.append(reverse("monthly_portal:file", args=[report.pk, "zh-hans", "pdf"]))
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert not any(sentinel.encode() in answer.content for sentinel in (*OF_OTHERS, *OF_PERSONS))
    assert client.get(reverse("monthly_portal:report", args=[department.pk])).status_code == 404
    assert client.get(reverse("reports:monthly:report", args=[report.pk])).status_code == 403
    assert caller(cast.sun).get("/monthly-reports/").status_code == 403


@pytest.mark.usefixtures("assessed")
def test_persons_are_read_by_their_supervisor_and_leaders_alone(request, cast, client):
    world = request.getfixturevalue("world")
    report = world.publish(Edition.GROUP, comment_overruns="COMMENT-ON-PERSONS")
    readers = {cast.wang: True, cast.zhao: True, cast.zhou: True, cast.liu: True, cast.admin: True}
    for reader, reads in readers.items():
        text = squeezed("".join(document_for(report, reader, "zh-hans").texts()))
        assert ("EXPLANATION-SENTINEL" in text) == reads, reader
        # The assessment not by auditors, specialists, administrators.
        assert ("ASSESSMENT-SENTINEL" in text) == (reader in (cast.wang, cast.zhao)), reader
    # Who sees everything, but leads nobody, reads neither; nor his words about them.
    cast.liu.management_level = 0
    cast.liu.save()
    client.force_login(cast.liu)
    page = client.get(reverse("reports:monthly:report", args=[report.pk])).content.decode()
    answer = caller(cast.liu).get(f"/monthly-reports/{report.pk}/").content.decode()
    for text in (page, answer):
        assert not any(sentinel in text for sentinel in (*OF_PERSONS, "COMMENT-ON-PERSONS"))
    # An operator of the group sees the clients' reports once they are out, and no others by any path.
    theirs, own = world.report(Edition.CLIENT), reverse("reports:monthly:archive")
    client.force_login(cast.li)
    for one in (report, theirs):
        for address in ("report", "progress"):
            assert client.get(reverse(f"reports:monthly:{address}", args=[one.pk])).status_code == 404
        assert client.get(reverse("reports:monthly:file", args=[one.pk, "en", "xlsx"])).status_code == 404
        assert caller(cast.li).get(f"/monthly-reports/{one.pk}/").status_code == 404
    world.publish(Edition.CLIENT)
    pages = [own, reverse("reports:monthly:report", args=[theirs.pk])]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        assert not any(sentinel in answer.content.decode() for sentinel in OF_PERSONS)
    client.force_login(cast.outsider)
    assert client.get(pages[1]).status_code == 404


def test_in_the_archive_the_department_comes_before_the_groups(world, cast, client):
    client.force_login(cast.zhao)
    rows = client.get(reverse("reports:monthly:archive"), {"year": "2026"}).context["page"].rows
    editions = [one.edition for one in rows if f"{one.month:%Y-%m}" == "2026-10"]
    assert editions[:2] == [Edition.DEPARTMENT, Edition.GROUP] and editions[-1] == Edition.CLIENT


def test_without_an_assessment_there_is_no_such_section(world):
    assert "assessment" not in world.report(Edition.GROUP).content["keys"]
    assert {"overruns", "duty", "findings", "meetings"}.isdisjoint(
        world.report(Edition.CLIENT).content["keys"]
    )
    assert EXPLAINED in str(world.report(Edition.GROUP).content)
    assert monthly.draft_months(now=DRAFTED) == 0
