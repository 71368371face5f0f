"""What happens to monthly reports: the only writers of their tables."""

from reports.monthly.actions.answering import acknowledge_report, comment_report, subscribe
from reports.monthly.actions.drafting import ask_to_count, count_due, count_report, draft_months
from reports.monthly.actions.publishing import publish_report
from reports.monthly.actions.settling import agree_with_client, set_terms
from reports.monthly.actions.sweep import compare_next, compare_published, tend_monthly
from reports.monthly.actions.writing import write_report

__all__ = [
    "acknowledge_report",
    "agree_with_client",
    "ask_to_count",
    "comment_report",
    "compare_next",
    "compare_published",
    "count_due",
    "count_report",
    "draft_months",
    "publish_report",
    "set_terms",
    "subscribe",
    "tend_monthly",
    "write_report",
]
