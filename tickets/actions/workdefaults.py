"""The work types of the process, as an installation begins with them (tail §7.2, §7.3)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from tickets.changes import WorkStep
from tickets.models import RequiredDocument, WorkType

P, A, W, B, R, V = (step.value for step in WorkStep)
BOTH = [W, V]
# Names as they are used in the trade; our defaults, not from the process document.
DEFAULTS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    (
        {
            "code": "requirement",
            "name": "需求变更",
            "name_en": "Requirement change",
            "description": "功能、接口或报表按客户的需求修改",
            "needs_client": True,
            "lead_days": 7,
            "hours": "outside",
        },
        [
            (P, "需求确认单", "Confirmed requirement"),
            (P, "变更方案", "Change plan"),
            (B, "回退方案", "Rollback plan"),
            (R, "测试报告", "Test report"),
            (R, "变更结果报告", "Result report"),
        ],
    ),
    (
        {
            "code": "cutover",
            "name": "割接上线",
            "name_en": "Cutover / go-live",
            "description": "系统割接、迁移或新系统上线",
            "needs_client": True,
            "lead_days": 14,
            "hours": "outside",
        },
        [
            (P, "割接方案", "Cutover plan"),
            (P, "应急联系表", "Emergency contacts"),
            (A, "客户割接确认函", "Client's letter of consent"),
            (B, "回退方案", "Rollback plan"),
            (B, "数据备份记录", "Proof of backup"),
            (R, "割接结果报告", "Cutover report"),
            (V, "上线验收单", "Acceptance sheet"),
        ],
    ),
    (
        {
            "code": "optimisation",
            "name": "系统优化",
            "name_en": "Optimisation",
            "description": "参数调整、性能优化、索引与容量整理",
            "needs_client": False,
            "lead_days": 5,
            "hours": "outside",
        },
        [
            (P, "优化方案", "Optimisation plan"),
            (B, "回退方案", "Rollback plan"),
            (R, "优化前后对比", "Comparison before and after"),
        ],
    ),
    (
        {
            "code": "ha-switch",
            "name": "主备切换",
            "name_en": "HA switch",
            "description": "双机或集群的主备切换与切换演练",
            "needs_client": True,
            "lead_days": 3,
            "hours": "outside",
        },
        [
            (P, "切换步骤单", "Runbook of the switch"),
            (B, "回切方案", "Switch-back plan"),
            (R, "切换记录", "Log of the switch"),
            (R, "切换后检查表", "Checks after the switch"),
        ],
    ),
]


@transaction.atomic
def load_work_types() -> None:
    """Create the four types of the process with their usual documents; never changes one that is there."""
    known = set(WorkType.objects.values_list("code", flat=True))
    for facts, documents in DEFAULTS:
        if facts["code"] in known:
            continue
        found = WorkType.objects.create(optional_steps=BOTH, **facts)
        RequiredDocument.objects.bulk_create(
            RequiredDocument(type=found, step=step, name=name, name_en=name_en)
            for step, name, name_en in documents
        )
