"""Two people have written the same text: what it was, what it is, and what the second one typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from tickets.comparing import Piece, combined, differences
from tickets.models import Entry, EntryKind

# The fields of a verb that replace what stood there: the text, the choice, and the entries that wrote them.
TEXTS = {"diagnose": "diagnosis", "resolve": "solution", "grade": "reason"}
CHOICES = {"diagnose": "cause", "resolve": "cause", "grade": "to"}
WROTE_TEXT = {
    "diagnose": EntryKind.DIAGNOSED,
    "resolve": EntryKind.RESOLVED,
    "grade": EntryKind.GRADED,
}
WROTE_CHOICE = {
    "diagnose": ("cause", {EntryKind.DIAGNOSED, EntryKind.RESOLVED}),
    "resolve": ("cause", {EntryKind.DIAGNOSED, EntryKind.RESOLVED}),
    "grade": ("grade", {EntryKind.GRADED}),
}
MINE, THEIRS, COMBINED = "mine", "theirs", "combined"


@dataclass(frozen=True, slots=True)
class Version:
    """A text and the choice beside it, as they stood at one time."""

    text: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """Three versions of a verb's text. `typed` are the form's fields as they were sent."""

    verb: str
    label: str
    choice_label: str
    base: Version
    theirs: Version
    mine: Version
    names: Mapping[str, str]
    typed: list[tuple[str, str]]

    @property
    def theirs_pieces(self) -> list[Piece]:
        """What they changed since the page was opened."""
        return differences(self.base.text, self.theirs.text) if self.base.text else []

    @property
    def mine_pieces(self) -> list[Piece]:
        """What one changed oneself; where there was nothing before, how it differs from theirs."""
        return differences(self.base.text or self.theirs.text, self.mine.text)

    @property
    def combined(self) -> str:
        return combined(self.base.text, self.theirs.text, self.mine.text)

    @property
    def base_choice(self) -> str:
        return self.names.get(self.base.choice, "")

    @property
    def theirs_choice(self) -> str:
        return self.names.get(self.theirs.choice, "")

    @property
    def mine_choice(self) -> str:
        return self.names.get(self.mine.choice, "")

    @property
    def text_name(self) -> str:
        return f"combined-{TEXTS[self.verb]}"

    @property
    def choice_name(self) -> str:
        return f"combined-{CHOICES[self.verb]}"


def versions_of(verb: str, form: forms.Form, entries: Iterable[Entry], seen: int) -> Versions | None:
    """Return the three versions for a verb that was overtaken, None where nobody has touched its text.

    `entries` are the record's history, `seen` the newest one on the page from which the form was sent.
    """
    if verb not in TEXTS:
        return None
    history = sorted(entries, key=lambda entry: entry.pk)
    base = _version(verb, [entry for entry in history if entry.pk <= seen])
    theirs, text, choice = _version(verb, history), TEXTS[verb], CHOICES[verb]
    clean = form.verb_arguments()
    mine = Version(str(clean[text]), _plain(clean[choice]))
    if theirs.text == base.text or theirs == mine:
        return None
    field = form.fields[choice]
    return Versions(
        verb=verb,
        label=str(form.fields[text].label) if verb != "grade" else _("Reason for the grade"),
        choice_label=str(field.label),
        base=base,
        theirs=theirs,
        mine=mine,
        names={_plain(value): str(name) for value, name in field.choices if value},
        typed=[(name, value) for name, value in form.data.items() if name.startswith(f"{verb}-")],
    )


def chosen(verb: str, post: QueryDict) -> QueryDict:
    """Return what was sent as the verb's form wants it: with the combined text, where that was chosen."""
    if post.get("keep") != COMBINED or verb not in TEXTS:
        return post
    data = post.copy()
    for name in (TEXTS[verb], CHOICES[verb]):
        if f"combined-{name}" in post:
            data[f"{verb}-{name}"] = post[f"combined-{name}"]
    return data


def set_aside(verb: str, post: QueryDict) -> str:
    """Return the note that keeps a text whose writer lets the other one stand."""
    text = post.get(f"{verb}-{TEXTS[verb]}", "").strip()
    names = {
        "diagnose": _("Diagnosis, set aside:"),
        "resolve": _("Solution, set aside:"),
        "grade": _("Reason for the grade, set aside:"),
    }
    return f"{names[verb]} {text}" if text else ""


def _version(verb: str, history: list[Entry]) -> Version:
    name, kinds = WROTE_CHOICE[verb]
    texts = [entry.text for entry in history if entry.kind == WROTE_TEXT[verb]]
    choices = [entry.changes[name][1] for entry in history if entry.kind in kinds and name in entry.changes]
    return Version(texts[-1] if texts else "", _plain(choices[-1]) if choices else "")


def _plain(value: object) -> str:
    """A choice as its option's value: a grade is a number, a cause a word."""
    return str(int(value)) if isinstance(value, int) else str(value)
