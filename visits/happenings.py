"""What callbacks tell of a client, for its timeline (§5.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import JSONObject, Left
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.happenings import About, Asked, Happening
from tickets.names import Name
from visits.kinds import Kind, Method, NeedState, PromiseState, Satisfaction, State
from visits.models import Callback, Need, Promise

BRIEF = 120  # characters of a summary
Facts = dict[str, Any]


def callbacks(asked: Asked) -> list[Happening]:
    """Callbacks that were made or that the client refused, needs as they were written down, promises as they
    were made: three tables in one question, each told under its own name.
    """
    if not asked.wants(About.CALLBACK):
        return []
    made, needs, promises = (
        model.objects.visible_to(asked.viewer).filter(client__in=asked.clients)
        for model in (Callback, Need, Promise)
    )
    of_a_callback = JSONObject(
        kind="kind",
        state="state",
        method="method",
        satisfaction="satisfaction",
        summary=Left("summary", BRIEF),
        is_bad="expectation_not_met",
        is_solved="is_solved",
    )
    of_a_need = JSONObject(title="title", state="state")
    of_a_promise = JSONObject(text="text", state="state", due_on="due_on")
    found = _told(asked, made.filter(done_at__isnull=False), "callbacks", "done_at", "done_by", of_a_callback)
    rows = found.union(
        _told(asked, needs, "needs", "raised_at", "raised_by", of_a_need),
        _told(asked, promises, "promises", "made_at", "made_by", of_a_promise),
        all=True,
    )
    return [_happening(source, pk, at, who, facts) for source, pk, at, *who, facts in rows]


def _told(
    asked: Asked, rows: QuerySet[Any], source: str, at: str, by: str, facts: JSONObject
) -> QuerySet[Any, tuple[Any, ...]]:
    """The newest rows of a source: its name, id and instant, who did it, and what else is said."""
    page = asked.page(rows, at=at, source=source)
    page = page.annotate(source=Value(source, output_field=CharField()), facts=facts)
    who = (f"{by}__{name}" for name in ("pk", "username", "name", "name_en"))
    return page.values_list("source", "pk", at, *who, "facts")


def _happening(source: str, pk: int, at: datetime, who: list[Any], facts: Facts) -> Happening:
    title, detail, url, icon, tone = TELLERS[source](pk, facts)
    by = Name(*who) if who[0] else None
    return Happening(at, source, pk, About.CALLBACK, title, detail, url, by, icon, tone)


def _callback(pk: int, facts: Facts) -> tuple[str, str, str, str, str]:
    title = f"{Kind(facts['kind']).label}: {State(facts['state']).label}"
    said = Satisfaction(facts["satisfaction"]).label if facts["satisfaction"] else ""
    tone = "warning" if facts["state"] == State.REFUSED else ""
    if facts["is_bad"] or facts["is_solved"] is False:
        tone = "danger"
    icon = "phone" if facts["method"] == Method.PHONE else "pin"
    detail = " · ".join(filter(None, (str(said), facts["summary"])))
    return title, detail, reverse("visits:callback", args=[pk]), icon, tone


def _need(pk: int, facts: Facts) -> tuple[str, str, str, str, str]:
    state = str(NeedState(facts["state"]).label)
    return _("Need: %(title)s") % facts, state, reverse("visits:need", args=[pk]), "list", ""


def _promise(pk: int, facts: Facts) -> tuple[str, str, str, str, str]:
    detail = f"{PromiseState(facts['state']).label} · {facts['due_on']}"
    return _("Promised: %(text)s") % facts, detail, f"{reverse('visits:promises')}?state=all", "clock", ""


TELLERS = {"callbacks": _callback, "needs": _need, "promises": _promise}
