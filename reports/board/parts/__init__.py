"""The parts of a dashboard, in the order in which they are read."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from reports.board.parts.breaches import breaches
from reports.board.parts.causes import causes
from reports.board.parts.flow import backlog
from reports.board.parts.hours import hours
from reports.board.parts.over_time import in_time, restore, satisfaction, volume
from reports.board.parts.part import Part
from reports.board.parts.standing import ageing, breaking_next

PARTS: Mapping[str, Part] = {
    part.key: part
    for part in (
        Part("next", _("Breaking next"), breaking_next, template="reports/_next.html", is_wide=True),
        Part("volume", _("Records by grade"), volume),
        Part("in-time", _("Limits kept"), in_time),
        Part("restore", _("Time to restore a fault"), restore),
        Part("backlog", _("In, out and open"), backlog),
        Part("causes", _("Causes (Pareto)"), causes),
        Part("hours", _("When people call"), hours),
        Part("ageing", _("Open by grade and age"), ageing),
        Part("satisfaction", _("Client satisfaction"), satisfaction),
        Part("breaches", _("Limits missed"), breaches, template="reports/_breaches.html", is_wide=True),
    )
}
