"""From the facts of all sections to one document a language, and the words of its editors into that. Pure.

What is kept with a report is `{"edition": …, "keys": […], "zh-hans": {…}, "en": {…}}`: whose it is, the keys
of its sections in order, and the document (`tickets.documents.structure`) in each language. All its strings
are finished (decision 14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.monthly.asked import About, Numbers
from reports.monthly.kinds import COMMENT, Edition, lists_of
from reports.monthly.sections import CHAPTERS, SUMMARY
from tickets.documents import structure
from tickets.documents.structure import Document, Pairs, Part, Section, Text
from tickets.documents.words import NOTHING, moment, numbered

Content = Mapping[str, Any]
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def content_of(about: About, found: Mapping[str, Any], *, reference: str, subject: Any) -> dict[str, Any]:
    """Return what is kept of a report that was counted: each section's facts in words, in each language."""
    keys = [key for key in CHAPTERS if key in found]
    documents = {
        language: _document(language, keys, about, found, reference, subject).as_json()
        for language in LANGUAGES
    }
    return {"edition": str(about.edition), "keys": keys, **documents}


def _document(
    language: str, keys: Sequence[str], about: About, found: Mapping[str, Any], reference: str, subject: Any
) -> Document:
    with translation.override(language):
        edition = Edition(about.edition)
        whose = subject.label if subject is not None else str(edition.label)
        counted = moment(about.now.astimezone(about.tz))
        return Document(
            language=language,
            title=_("Monthly report"),
            number=reference,
            subject=f"{whose} · {about.month}",
            head=(
                (_("Month"), str(about.month)),
                (pgettext("monthly report", "Edition"), str(edition.label)),
                (pgettext("monthly report", "Counted"), counted),
            ),
            sections=numbered(_section(key, about, found[key]) for key in keys),
            signatures=(),
            footnote=_("Counted on %(when)s. Times: %(zone)s.") % {"when": counted, "zone": about.tz.key},
            page_words=_("Page {page} of {pages}"),
            left_out=_("Left out here: it is for the persons concerned, their supervisor and the leaders."),
            issued_at=about.now.astimezone(about.tz).isoformat(timespec="seconds"),
        )


def _section(key: str, about: About, found: Any) -> Section:
    chapter = CHAPTERS[key]
    parts: Sequence[Part] = tuple(chapter.parts(found, about)) or (Text(_("Nothing in this month.")),)
    return Section(str(chapter.title), tuple(parts), chapter.is_restricted)


def with_words(
    content: Content,
    words: Mapping[str, str],
    *,
    published: tuple[Mapping[str, str], datetime] | None = None,
) -> dict[str, Any]:
    """Return the content with what its editors wrote in its places; numbers stay as they are.

    `published` is who publishes it, by language, and when (local): from then on it bears that.
    """
    return dict(content) | {
        language: _worded(structure.read(content[language]), content, words, published).as_json()
        for language in LANGUAGES
    }


def _worded(
    document: Document,
    content: Content,
    words: Mapping[str, str],
    published: tuple[Mapping[str, str], datetime] | None,
) -> Document:
    with translation.override(document.language):
        sections = tuple(
            # The first page is the leader's alone: with the second section a new one begins.
            replace(section, parts=section.parts + _said(key, content["edition"], words), new_page=place == 1)
            for place, (key, section) in enumerate(zip(content["keys"], document.sections, strict=True))
        )
        if published is None:
            return replace(document, sections=sections)
        names, at = published
        name = names[document.language]
        return replace(
            document,
            sections=sections,
            head=(*document.head, (pgettext("monthly report", "Published"), f"{moment(at)} · {name}")),
            signatures=((_("Published by"), name), (_("Acknowledged by"), "")),
            issued_at=at.isoformat(timespec="seconds"),
        )


def _said(key: str, edition: str, words: Mapping[str, str]) -> tuple[Part, ...]:
    """What was typed for a section: on the leader's page the lists, and a comment where there is one."""
    if key == SUMMARY:
        lists = ((str(label), _listed(words.get(name, ""))) for name, label in lists_of(edition).items())
        return (Pairs(tuple(lists)),)
    if comment := words.get(f"{COMMENT}{key}", ""):
        return (Pairs(((pgettext("monthly report", "Comment"), comment),)),)
    return ()


def _listed(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)) or NOTHING


def figures_of(numbers: Numbers) -> dict[str, Any]:
    """Return the same figures as numbers: by period (month, before, year) and KPI."""
    return {
        period: {key: asdict(figure) for key, figure in getattr(numbers, period).items()}
        for period in ("month", "before", "year")
    }


def canonical(content: Content, figures: Mapping[str, Any]) -> bytes:
    """All that a report says, as the bytes of which its digest is taken."""
    whole = {"content": content, "figures": figures}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(content: Content, figures: Mapping[str, Any]) -> str:
    return sha256(canonical(content, figures)).hexdigest()
