"""Files that come with a record: kept, seen by the right people, withdrawn, and never half there."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image

from opsdesk.testing import MONDAY, Cast
from staff import shelf
from staff.actions import sweep_shelf
from staff.files import FilesRefused, Upload
from tickets import actions
from tickets.actions.attaching import keep
from tickets.actions.indexing import index
from tickets.excerpts import excerpts
from tickets.lifecycle import Refused
from tickets.models import Attachment, Entry, EntryKind, Ticket
from tickets.names import names_of
from tickets.search import find

LATER = MONDAY + timedelta(minutes=5)


def log(name: str = "err.log", text: str = "2026-11-23 09:31 ORA-00257\n") -> Upload:
    return Upload(name, io.BytesIO(text.encode()), "text/plain")


def screenshot(name: str = "屏幕截图.png", size: tuple[int, int] = (320, 200)) -> Upload:
    content = io.BytesIO()
    Image.new("RGB", size, "navy").save(content, "PNG")
    return Upload(name, content, "image/png")


def on_disk(folder: object) -> int:
    return sum(path.is_file() for path in Path(str(folder)).rglob("*"))


@pytest.fixture(autouse=True)
def shelf_of_its_own(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def test_several_files_come_with_one_entry_that_names_them(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = actions.attach(ticket, [log(), screenshot()], text="今早的", by=cast.li, now=LATER)
    assert (entry.kind, entry.text, entry.at) == (EntryKind.ATTACHED, "今早的", LATER)
    assert entry.changes == {"files": [None, "err.log, 屏幕截图.png"]}
    text, picture = Attachment.objects.filter(ticket=ticket)
    assert (text.name, text.media_type, text.by, text.entry) == ("err.log", "text/plain", cast.li, entry)
    assert (picture.media_type, picture.width, picture.height) == ("image/png", 320, 200)
    with shelf.take(text.stored) as content:
        assert content.read() == b"2026-11-23 09:31 ORA-00257\n"


def test_one_bad_file_among_several_keeps_all_out_and_is_named(cast: Cast, shelf_of_its_own: Path) -> None:
    ticket = cast.ticket()
    with pytest.raises(FilesRefused, match="run.exe") as refused:
        actions.attach(ticket, [log(), log("run.exe"), log("empty.log", "")], by=cast.li, now=LATER)
    assert [(place, fault.code) for place, fault in refused.value.faults] == [
        (1, "file_kind"),
        (2, "empty_file"),
    ]
    assert refused.value.field == "files"
    assert not Attachment.objects.exists()
    assert not Entry.objects.filter(kind=EntryKind.ATTACHED).exists()
    assert on_disk(shelf_of_its_own) == 0


def test_no_file_at_all_is_refused_at_its_field(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        actions.attach(cast.ticket(), [], by=cast.li, now=LATER)
    assert refused.value.field == "files"


def test_who_only_reads_attaches_nothing(cast: Cast, shelf_of_its_own: Path) -> None:
    for person in (cast.zhou, cast.zhao):
        with pytest.raises(Refused) as refused:
            actions.attach(cast.ticket(), [log()], by=person, now=LATER)
        assert refused.value.code == "forbidden"
    assert on_disk(shelf_of_its_own) == 0


def test_a_record_that_is_full_says_so(cast: Cast, settings: object, shelf_of_its_own: Path) -> None:
    settings.ATTACHMENTS_MAX_BYTES_PER_RECORD = 100  # type: ignore[attr-defined]
    ticket = cast.ticket()
    actions.attach(ticket, [log(text="x" * 60)], by=cast.li, now=LATER)
    with pytest.raises(Refused) as refused:
        actions.attach(ticket, [log(text="x" * 60)], by=cast.li, now=LATER)
    assert (refused.value.field, refused.value.code) == ("files", "record_full")
    assert on_disk(shelf_of_its_own) == Attachment.objects.count() == 1


def test_only_so_many_files_at_once_and_in_all(cast: Cast, settings: object) -> None:
    settings.ATTACHMENTS_AT_ONCE = 2  # type: ignore[attr-defined]
    settings.ATTACHMENTS_PER_RECORD = 3  # type: ignore[attr-defined]
    ticket = cast.ticket()
    with pytest.raises(Refused) as refused:
        actions.attach(ticket, [log(), log(), log()], by=cast.li, now=LATER)
    assert refused.value.code == "too_many_files"
    actions.attach(ticket, [log(), log()], by=cast.li, now=LATER)
    with pytest.raises(Refused) as refused:
        actions.attach(ticket, [log(), log()], by=cast.li, now=LATER)
    assert refused.value.code == "record_full"
    assert Attachment.objects.count() == 2


def test_a_file_too_large_is_refused_with_the_limit(cast: Cast, settings: object) -> None:
    settings.ATTACHMENT_MAX_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(FilesRefused) as refused:
        actions.attach(cast.ticket(), [log()], by=cast.li, now=LATER)
    assert refused.value.faults[0][1].code == "file_too_large"


def test_what_the_client_sends_reaches_the_owner_and_ends_the_waiting_for_him(cast: Cast) -> None:
    ticket = cast.ticket()
    entry = actions.attach(ticket, [screenshot()], by=cast.sun, now=LATER)
    assert entry.by == cast.sun
    ticket.refresh_from_db()
    assert ticket.owner.notices.filter(kind="client_note").count() == 1


def test_a_file_without_its_row_is_swept_up_after_an_hour(cast: Cast, shelf_of_its_own: Path) -> None:
    entry = actions.attach(cast.ticket(), [log()], by=cast.li, now=LATER)
    with pytest.raises(RuntimeError), transaction.atomic():
        keep(entry.ticket, entry, log("lost.log"), by=cast.li, now=LATER)
        raise RuntimeError("the process dies here")
    assert on_disk(shelf_of_its_own) == 2
    written = max(os.stat(path).st_mtime for path in shelf_of_its_own.rglob("*") if path.is_file())
    then = datetime.fromtimestamp(written, UTC)
    assert sweep_shelf(now=then + timedelta(minutes=30)) == 0
    assert sweep_shelf(now=then + timedelta(minutes=61)) == 1
    assert sweep_shelf(now=then + timedelta(minutes=61)) == 0
    assert on_disk(shelf_of_its_own) == Attachment.objects.count() == 1


def test_whoever_sees_the_record_sees_its_files_and_the_client_only_what_is_his(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.attach(ticket, [log("ours.log")], by=cast.li, now=LATER)
    actions.attach(ticket, [log("his.log")], by=cast.sun, now=LATER)
    logged = ticket.entries.get(kind=EntryKind.LOGGED)
    keep(ticket, logged, log("scan.txt"), by=cast.li, now=LATER)
    keep(ticket, None, log("loose.txt"), by=None, now=LATER)

    def seen(user: object) -> list[str]:
        return [file.name for file in Attachment.objects.visible_to(user)]  # type: ignore[arg-type]

    everything = ["ours.log", "his.log", "scan.txt", "loose.txt"]
    assert seen(cast.chen) == seen(cast.wang) == seen(cast.zhou) == everything
    assert seen(cast.sun) == ["his.log", "scan.txt"]
    assert seen(cast.outsider) == []


def test_a_file_is_withdrawn_with_a_reason_and_its_content_is_gone(
    cast: Cast, shelf_of_its_own: Path, django_capture_on_commit_callbacks: object
) -> None:
    ticket = cast.ticket()
    actions.attach(ticket, [log("secret.log")], by=cast.li, now=LATER)
    file = Attachment.objects.get()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        entry = actions.withdraw(file, reason="里面有口令", by=cast.li, now=LATER)
    assert (entry.kind, entry.text) == (EntryKind.WITHDRAWN, "里面有口令")
    file.refresh_from_db()
    assert (file.name, file.stored, file.withdrawn_by, file.is_present) == ("secret.log", "", cast.li, False)
    assert on_disk(shelf_of_its_own) == 0
    with pytest.raises(Refused):
        actions.withdraw(file, reason="again", by=cast.li, now=LATER)


def test_only_who_sent_it_or_a_supervisor_withdraws_a_file(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.attach(ticket, [log()], by=cast.li, now=LATER)
    file = Attachment.objects.get()
    for person in (cast.chen, cast.sun):
        with pytest.raises(Refused) as refused:
            actions.withdraw(file, reason="x", by=person, now=LATER)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        actions.withdraw(file, reason=" ", by=cast.wang, now=LATER)
    assert refused.value.field == "reason"
    actions.withdraw(file, reason="x", by=cast.wang, now=LATER)


def test_a_record_is_found_by_the_names_of_its_files(cast: Cast) -> None:
    ticket = cast.ticket()
    actions.attach(ticket, [log("alert_orcl.log"), screenshot("住院结算报错.png")], by=cast.li, now=LATER)
    for words in ("alert_orcl", "结算报错"):
        assert list(find_all(words, cast)) == [ticket.pk]
    found = Ticket.objects.select_related("client", "system").get()
    (excerpt,) = excerpts([found], names_of([found]), ("结算报错",), cast.li).values()
    assert excerpt.text == "住院结算报错.png"
    assert not excerpts([found], names_of([found]), ("结算报错",), cast.sun)
    index([ticket])
    assert list(find_all("结算报错", cast)) == [ticket.pk]


def find_all(words: str, cast: Cast) -> list[int]:
    rows = find(Ticket.objects.visible_to(cast.li), words, cast.li).rows
    return [ticket.pk for ticket in rows]
