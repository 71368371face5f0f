"""What a dashboard lists of a person is what its reader may see: his records may be another group's."""

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.periods import period_of
from tickets.actions import acknowledge, grade, resolve
from tickets.models import Cause, Grade, Ticket


@pytest.fixture
def lists(cast, client):
    """Everything that lists records of a person's figures, as a supervisor of his group opens it."""
    now = timezone.now()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    def record(title, *, solved):
        ticket = cast.ticket(now=now)
        acknowledge(ticket, by=cast.chen, now=now)
        grade(ticket, Grade.THREE, reason="x", by=cast.chen, now=now)
        if solved:
            resolve(ticket, solution="s", cause=Cause.NETWORK, by=cast.chen, now=now)
        Ticket.objects.filter(pk=ticket.pk).update(title=title, owner=cast.chen, taken_by=cast.li)
        return ticket

    for solved in (False, True):
        record("ours", solved=solved)
        theirs = record("SENTINEL of the north", solved=solved)
        Ticket.objects.filter(pk=theirs.pk).update(group=cast.north)

    def opened(reader):
        client.force_login(reader)
        asked = {"person": "chen", "period": str(period_of(timezone.localdate(now), "year"))}
        pages = [reverse(f"reports:{name}") for name in ("reported", "solved")]
        pages.append(reverse("reports:part", args=["next"]))
        files = [
            b"".join(client.get(reverse("reports:calls_export", args=args), asked).streaming_content)
            for args in (("reported", "csv"), ("solved", "csv"))
        ]
        shown = [client.get(page, asked).content.decode() for page in pages]
        return shown + [file.decode("utf-8-sig") for file in files]

    return opened


def test_a_supervisor_reads_no_records_of_other_groups_in_the_figures_of_his_own_people(cast, lists):
    pages = lists(cast.wang)
    assert all("ours" in page and "SENTINEL" not in page for page in pages)
    assert "2 more rows count that are not yours to see." in pages[0]
    assert "1 more row counts that is not yours to see." in pages[1]


def test_the_person_himself_and_a_leader_read_all_of_them(cast, lists):
    for reader in (cast.chen, cast.zhao):
        for page in lists(reader):
            assert "ours" in page and "SENTINEL" in page and "yours to see" not in page
