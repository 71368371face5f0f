"""Questionnaires are written and published. What is published stays; the next version is edited (§4.1.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from staff.models import User
from staff.refused import Refused
from surveys.actions.common import check_may_write, log
from surveys.models import (
    Campaign,
    CampaignState,
    Question,
    Questionnaire,
    QuestionnaireVersion,
    SurveyEventKind,
)
from surveys.questions import RANGES, WITH_OPTIONS, QuestionKind

DEFAULTS = Path(__file__).parents[1] / "defaults.json"
MOST_QUESTIONS, MOST_OPTIONS = 40, 20
WORDS = ("intro", "intro_en", "thanks", "thanks_en", "script", "script_en", "asks_complaint", "asks_reply")
# What of a question belongs to some kinds alone; the others have it empty.
EMPTY: Mapping[str, Any] = {"anchors": [], "options": [], "rows": [], "bad_at": None, "why_at": None}


@transaction.atomic
def write_questionnaire(name: str, name_en: str = "", *, by: User, now: datetime) -> Questionnaire:
    """Begin a questionnaire, with an empty first version to write. Raises `Refused` naming the field."""
    check_may_write(by)
    made = _named(Questionnaire(), name, name_en)
    QuestionnaireVersion.objects.create(questionnaire=made, number=1)
    log(made, SurveyEventKind.WRITTEN, by=by, now=now)
    return made


@transaction.atomic
def rename(questionnaire: Questionnaire, name: str, name_en: str, *, by: User) -> Questionnaire:
    return _named(_locked(questionnaire, by), name, name_en)


@transaction.atomic
def draft_version(questionnaire: Questionnaire, *, by: User) -> QuestionnaireVersion:
    """Return the version that is being written; where none is, a copy of the last one as the next."""
    questionnaire = _locked(questionnaire, by)
    last = questionnaire.versions.order_by("-number").first()
    if last is not None and last.is_draft:
        return last
    made = QuestionnaireVersion(questionnaire=questionnaire, number=last.number + 1 if last else 1)
    if last is not None:
        for name in WORDS:
            setattr(made, name, getattr(last, name))
    made.save()
    copies = list(last.questions.all()) if last else []
    for question in copies:
        question.pk, question.version = None, made
    Question.objects.bulk_create(copies)
    return made


@transaction.atomic
def save_words(version: QuestionnaireVersion, words: Mapping[str, Any], *, by: User) -> QuestionnaireVersion:
    """Save what stands around the questions of a draft: greeting, thanks, script, the last two ticks."""
    version = _open(version, by)
    for name in WORDS:
        if name in words:
            value = words[name]
            setattr(version, name, value.strip() if isinstance(value, str) else value)
    version.save()
    _touch(version)
    return version


@transaction.atomic
def save_question(
    version: QuestionnaireVersion, facts: Mapping[str, Any], *, line: int | None, by: User
) -> Question:
    """Write a question of a draft: a new one at the end, or the one of that line.

    `facts` are fields of `Question`; those that its kind does not have are emptied. Keys of options and rows
    that are not given are made. Raises `Refused` naming the field.
    """
    version = _open(version, by)
    kept = _checked({**EMPTY, **facts})
    _touch(version)
    questions = version.questions.all()
    if line is not None:
        question = questions.filter(line=line).first()
        if question is None:
            raise Refused(_("Somebody has taken this question out."), code="gone")
        for name, value in kept.items():
            setattr(question, name, value)
        question.save()
        return question
    if questions.count() >= MOST_QUESTIONS:
        raise Refused(_("At most 40 questions: nobody answers more."), code="too_many")
    lines = Question.objects.filter(version__questionnaire=version.questionnaire).aggregate(last=Max("line"))
    place = questions.aggregate(last=Max("position"))["last"] or 0
    return Question.objects.create(version=version, line=(lines["last"] or 0) + 1, position=place + 1, **kept)


@transaction.atomic
def remove_question(version: QuestionnaireVersion, line: int, *, by: User) -> None:
    """Take a question out of a draft; where it is not there, nothing happens."""
    version = _open(version, by)
    version.questions.filter(line=line).delete()
    _touch(version)


@transaction.atomic
def move_question(version: QuestionnaireVersion, line: int, *, up: bool, by: User) -> None:
    """Let a question change places with its neighbour; at the end of the list nothing happens."""
    version = _open(version, by)
    questions = list(version.questions.order_by("position"))
    place = next((number for number, one in enumerate(questions) if one.line == line), None)
    if place is None:
        return
    other = place - 1 if up else place + 1
    if 0 <= other < len(questions):
        one, two = questions[place], questions[other]
        one.position, two.position = two.position, one.position
        Question.objects.bulk_update([one, two], ["position"])
        _touch(version)


@transaction.atomic
def publish_version(version: QuestionnaireVersion, *, by: User, now: datetime) -> QuestionnaireVersion:
    """Freeze a draft. Campaigns that are being prepared go by it; what was sent keeps its own version."""
    version = _open(version, by)
    if not version.questions.exists():
        raise Refused(_("A questionnaire needs at least one question."), code="required")
    version.published_at, version.published_by = now, by
    version.save(update_fields=["published_at", "published_by"])
    waiting = Campaign.objects.filter(version__questionnaire=version.questionnaire, state=CampaignState.DRAFT)
    waiting.update(version=version)
    log(version.questionnaire, SurveyEventKind.PUBLISHED, by=by, now=now, note=f"v{version.number}")
    return version


@transaction.atomic
def retire_questionnaire(questionnaire: Questionnaire, *, by: User, now: datetime) -> None:
    """Take a questionnaire out of use; what was answered stays. Refused while a campaign goes by it."""
    questionnaire = _locked(questionnaire, by)
    goes_by = Campaign.objects.filter(version__questionnaire=questionnaire).exclude(
        state=CampaignState.CLOSED
    )
    if goes_by.exists():
        raise Refused(_("A campaign goes by this questionnaire: close it first."), code="in_use")
    questionnaire.retired_at = now
    questionnaire.save(update_fields=["retired_at"])
    log(questionnaire, SurveyEventKind.RETIRED, by=by, now=now)


@transaction.atomic
def load_defaults(*, now: datetime) -> None:
    """Bring in the two questionnaires to begin with, published, where there are none of their names."""
    defaults = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for row in defaults["questionnaires"]:
        names = {"name": row["name"], "name_en": row["name_en"]}
        if Questionnaire.objects.filter(name=row["name"]).exists():
            continue
        made = Questionnaire.objects.create(**names)
        words = {name: row[name] for name in WORDS if name in row}
        version = QuestionnaireVersion.objects.create(questionnaire=made, number=1, published_at=now, **words)
        for place, question in enumerate(row["questions"], start=1):
            Question.objects.create(version=version, line=place, position=place, **_usual(question, defaults))
        log(made, SurveyEventKind.PUBLISHED, by=None, now=now, note=defaults["source"])


def usual_sampling() -> list[dict[str, Any]]:
    """How many are asked after a record: default, not from the process document."""
    return list(json.loads(DEFAULTS.read_text(encoding="utf-8"))["sampling"])


def _usual(question: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A question with the words of its points and the limits that are usual for its kind."""
    facts = {**defaults["limits"].get(question["kind"], {}), **question}
    named = facts.pop("anchors", "")
    if facts["kind"] == QuestionKind.SCALE:
        facts["anchors"] = [{"text": zh, "text_en": en} for zh, en in defaults["anchors"][named]]
    return facts


def _named(questionnaire: Questionnaire, name: str, name_en: str) -> Questionnaire:
    questionnaire.name, questionnaire.name_en = name.strip(), name_en.strip()
    if not questionnaire.name:
        raise Refused(_("This field is required."), field="name", code="required")
    try:
        with transaction.atomic():
            questionnaire.save()
    except IntegrityError:
        message = _("There is a questionnaire of this name already.")
        raise Refused(message, field="name", code="duplicate") from None
    return questionnaire


def _locked(questionnaire: Questionnaire, by: User) -> Questionnaire:
    check_may_write(by)
    questionnaire = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    if questionnaire.retired_at is not None:
        raise Refused(_("This questionnaire is not used any more."), code="wrong_status")
    return questionnaire


def _open(version: QuestionnaireVersion, by: User) -> QuestionnaireVersion:
    """A version that may still be written, with its questionnaire locked."""
    questionnaire = _locked(version.questionnaire, by)
    version = QuestionnaireVersion.objects.get(pk=version.pk)
    version.questionnaire = questionnaire
    if not version.is_draft:
        message = _("A published version does not change: edit the next one.")
        raise Refused(message, code="wrong_status")
    return version


def _touch(version: QuestionnaireVersion) -> None:
    QuestionnaireVersion.objects.filter(pk=version.pk).update(edition=F("edition") + 1)


def _checked(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a question as they are kept. Raises `Refused` naming the field at fault."""
    kind = QuestionKind(facts["kind"])
    if not str(facts["text"]).strip():
        raise Refused(_("This field is required."), field="text", code="required")
    if kind not in WITH_OPTIONS:
        facts["options"] = []
    elif len(facts["options"]) < 2:
        raise Refused(_("Write at least two values, one a line."), field="options", code="required")
    if kind != QuestionKind.MATRIX:
        facts["rows"] = []
    elif not facts["rows"]:
        raise Refused(_("Write at least one line."), field="rows", code="required")
    for name in ("options", "rows"):
        facts[name] = _keyed(facts[name], name)
    if kind not in RANGES or kind == QuestionKind.YES_NO:
        facts["anchors"], facts["why_at"] = [], None
    if kind not in RANGES:
        facts["bad_at"] = None
    else:
        low, high = RANGES[kind]
        if len(facts["anchors"]) > high - low + 1:
            raise Refused(_("There are more words than points."), field="anchors", code="too_many")
        for name in ("bad_at", "why_at"):
            if facts[name] is not None and not low <= facts[name] < high:
                message = _("Between %(least)s and %(most)s.") % {"least": low, "most": high - 1}
                raise Refused(message, field=name, code="out_of_range")
    return facts


def _keyed(rows: list[dict[str, str]], field: str) -> list[dict[str, str]]:
    """Give each a key that stays: answers point at it, whatever the wording becomes."""
    if len(rows) > MOST_OPTIONS:
        raise Refused(_("At most 20."), field=field, code="too_many")
    texts = [row["text"] for row in rows]
    if len(set(texts)) < len(texts):
        raise Refused(_("Two values are the same."), field=field, code="duplicate")
    taken = [row["key"] for row in rows if row.get("key")]
    if len(set(taken)) < len(taken):
        raise Refused(_("Two values are the same."), field=field, code="duplicate")
    free = (f"o{number}" for number in range(1, 1000) if f"o{number}" not in taken)
    return [
        {"key": row.get("key") or next(free), "text": row["text"], "text_en": row.get("text_en", "")}
        for row in rows
    ]
