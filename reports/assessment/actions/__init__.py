"""What happens to assessments and to the schemes that they follow."""

from reports.assessment.actions.drafting import draft_group, recount
from reports.assessment.actions.items import add_item, take_out
from reports.assessment.actions.schemes import (
    adopt_scheme,
    begin_scheme,
    drop_scheme,
    load_defaults,
    save_scheme,
)
from reports.assessment.actions.steps import appeal, rule, show, show_all
from reports.assessment.actions.sweep import tend_assessments

__all__ = [
    "add_item",
    "adopt_scheme",
    "appeal",
    "begin_scheme",
    "draft_group",
    "drop_scheme",
    "load_defaults",
    "recount",
    "rule",
    "save_scheme",
    "show",
    "show_all",
    "take_out",
    "tend_assessments",
]
