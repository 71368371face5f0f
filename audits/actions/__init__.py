"""What happens in quality audits."""

from audits.actions.checklists import (
    draft_checklist,
    load_defaults,
    move_item,
    publish_checklist,
    remove_item,
    save_item,
)
from audits.actions.evidence import file_evidence
from audits.actions.findings import (
    answer_finding,
    missing_of,
    open_corrective,
    open_record,
    order_of,
    raise_finding,
    verify_finding,
    withdraw_finding,
)
from audits.actions.holding import (
    Said,
    begin_audit,
    close_audit,
    draw_sample,
    look_at,
    population_of,
    report_audit,
    state_statement,
)
from audits.actions.plan import (
    USUAL_TIMES,
    adopt_plan,
    change_planned,
    drop_planned,
    plan_audit,
    propose_plan,
)
from audits.actions.sweep import tend_audits
from audits.actions.terms import set_audit_terms

__all__ = [
    "USUAL_TIMES",
    "Said",
    "adopt_plan",
    "answer_finding",
    "begin_audit",
    "change_planned",
    "close_audit",
    "draft_checklist",
    "draw_sample",
    "drop_planned",
    "file_evidence",
    "load_defaults",
    "look_at",
    "missing_of",
    "move_item",
    "open_corrective",
    "open_record",
    "order_of",
    "plan_audit",
    "population_of",
    "propose_plan",
    "publish_checklist",
    "raise_finding",
    "remove_item",
    "report_audit",
    "save_item",
    "set_audit_terms",
    "state_statement",
    "tend_audits",
    "verify_finding",
    "withdraw_finding",
]
