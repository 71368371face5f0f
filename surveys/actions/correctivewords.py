"""The parts of a corrective action in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.correcting import Part


def missing_words(part: Part) -> str:
    return {
        Part.WHYS: _("Ask why at least once."),
        Part.ROOT_CAUSE: _("Choose the root cause."),
        Part.MEASURE: _("Say what is done against it."),
        Part.OWNER: _("Name an owner."),
        Part.DUE_ON: _("Say by when."),
        Part.RESULT: _("The measure is not carried out yet."),
        Part.REPLY: _("The client has had no answer yet."),
        Part.VERIFICATION: _("Nobody but the owner has verified it yet."),
        Part.EFFECT: _("It has not been shown yet that it helped."),
    }[part]


def part_label(part: Part) -> str:
    """What a part is called where all are listed."""
    return {
        Part.WHYS: _("Cause, asked why"),
        Part.ROOT_CAUSE: _("Root cause"),
        Part.MEASURE: _("Measure"),
        Part.OWNER: _("Owner"),
        Part.DUE_ON: _("Day"),
        Part.RESULT: _("Carried out"),
        Part.REPLY: _("Answer to the client"),
        Part.VERIFICATION: _("Verified by somebody else"),
        Part.EFFECT: _("Effect shown"),
    }[part]
