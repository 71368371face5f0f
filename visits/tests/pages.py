"""The pages of callbacks, each with something on it, for the test that opens every page."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

from django.urls import reverse
from django.utils import timezone

from opsdesk.testing import Cast
from staff.files import Upload
from staff.tests.hostile import picture
from visits import actions
from visits.actions import NeedSaid, OpinionSaid, Present, ProblemSaid, PromiseSaid, Said
from visits.kinds import FileKind, Kind, Method, NeedState, Side, Tone
from visits.models import Callback, CallbackDraft, FaultDraw
from visits.planning import DAY
from visits.tests.callbacks import solved

LONG = "住院收费系统在高峰期反复断开连接并丢失未保存的医嘱" * 5


def callback_pages(cast: Cast) -> list[tuple[str, str]]:
    """Callbacks open, overdue, not reached, made, on site; what they collected; plans and guides."""
    now, today = timezone.now(), timezone.localdate()
    actions.load_defaults(now=now - 40 * DAY)
    long_ago = now - 20 * DAY
    solved(cast, long_ago)
    actions.draw_faults(now=long_ago)
    fault = Callback.objects.get(kind=Kind.AFTER_FAULT)

    def arranged(method: Method = Method.PHONE, note: str = "约好确认升级时间") -> Callback:
        facts = {"on": today + DAY, "note": note, "contact": cast.contact, "person": cast.li}
        return actions.arrange(cast.hospital, method=method, **facts, by=cast.li, now=now)

    waiting, stuck, site = arranged(note=LONG[:280]), arranged(), arranged(Method.ON_SITE)
    CallbackDraft.objects.create(
        callback=waiting, user=cast.li, fields={"summary": LONG, "needs_0_title": "报表"}, saved_at=now
    )
    for days in (5, 4, 3):
        stuck = actions.record_not_reached(stuck, note=LONG[:200], by=cast.li, now=now - days * DAY)
    said = Said(
        "孙主任",
        summary=LONG,
        satisfaction="2",
        expectation_not_met=True,
        expectation_words=LONG,
        problems=[ProblemSaid(LONG[:190])],
        needs=[NeedSaid(LONG[:190], LONG, owner=cast.chen, due_on=today)],
        opinions=[OpinionSaid(LONG, Tone.CRITICISM), OpinionSaid("很好", Tone.PRAISE)],
        promises=[PromiseSaid(LONG[:250], today, cast.chen)],
        next_wish_on=today + 9 * DAY,
        next_wish="看报表",
    )
    done = actions.record_reached(arranged(), said, by=cast.li, now=now)
    need = done.needs.get()
    settled = actions.raise_need(cast.hospital, NeedSaid("扩容"), by=cast.li, now=now)
    actions.change_need(
        settled, state=NeedState.DECLINED, answer=LONG, answer_channel="phone", by=cast.li, now=now
    )
    late = actions.make_promise(
        cast.hospital, PromiseSaid("送备件", (long_ago + DAY).date()), by=cast.li, now=long_ago
    )
    held = actions.record_reached(site, Said("孙主任", summary=LONG), by=cast.li, now=now)
    people = [Present(Side.OURS, user=cast.chen), Present(Side.THEIRS, name="孙主任", job_title="信息科")]
    span = {"began_at": now - timedelta(hours=2), "ended_at": now}
    actions.write_attendance(held, place="门诊楼 3 楼", **span, people=people, by=cast.li, now=now)
    drawn = BytesIO(picture())
    actions.attach(held, [Upload("签名.png", drawn)], kind=FileKind.SIGNATURE, by=cast.li, now=now)
    coming = arranged(Method.ON_SITE)
    actions.tend_callbacks(now=now)
    assert FaultDraw.objects.exists() and late.pk
    one = "visits:callback"
    return [
        ("li", reverse("visits:today")),
        ("zhao", reverse("visits:today") + "?list=all"),
        ("li", reverse("visits:today") + "?list=coming&whose=mine"),
        ("outsider", reverse("visits:today")),
        ("li", reverse(one, args=[waiting.pk])),
        ("li", reverse(one, args=[fault.pk])),
        ("wang", reverse(one, args=[stuck.pk])),
        ("wang", reverse(one, args=[done.pk])),
        ("zhao", reverse(one, args=[held.pk])),
        ("chen", reverse(one, args=[coming.pk])),
        ("li", reverse("visits:attendance", args=[coming.pk])),
        ("li", reverse("visits:sheet", args=[coming.pk])),
        ("wang", reverse("visits:sheet", args=[held.pk])),
        ("li", reverse("visits:arrange") + "?client=hospital"),
        ("wang", reverse("visits:plans")),
        ("li", reverse("visits:plans")),
        ("wang", reverse("visits:plan", args=["A"])),
        ("wang", reverse("visits:plan", args=["new-system"])),
        ("wang", reverse("visits:script", args=["after_fault"])),
        ("wang", reverse("visits:drawn")),
        ("li", reverse("visits:needs") + "?state=all"),
        ("outsider", reverse("visits:needs")),
        ("li", reverse("visits:need", args=[need.pk])),
        ("wang", reverse("visits:need", args=[settled.pk])),
        ("li", reverse("visits:need_create") + "?client=hospital"),
        ("li", reverse("visits:promises")),
        ("zhao", reverse("visits:promises") + "?state=all"),
        ("wang", reverse("visits:opinions")),
        ("li", reverse("visits:opinions") + "?q=zz"),
        ("wang", reverse("clients:detail", args=[cast.hospital.pk])),
        ("wang", reverse("tickets:detail", args=[fault.ticket_id])),
    ]
