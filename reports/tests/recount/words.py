"""Each KPI of the dictionary counted anew, from its words alone, as SQL over the raw rows.

A statement gives the rows that ever count: where each falls (`at`), from when on it counts (`ripe`), whose it
is (`grp`, `person`, `client`), and what of it counts: `yes` of a share, `amount` of a mean or a total,
`amount` and `whole` of a ratio. Of a stock a row stands after `since` and up to `until`.

Written from the name, the formula and the clause of each KPI, docs/kpi.md and `domain.md` C1; not from the
definitions' code, so that the two can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """What the rows come to."""

    SHARE = "share"
    MEAN = "mean"
    TOTAL = "total"
    RATIO = "ratio"
    HEADS = "heads"
    STOCK = "stock"


@dataclass(frozen=True)
class Words:
    shape: Shape
    rows: str


def _moment(at: str) -> str:
    """What falls where it happened: it counts once the instant is past."""
    return f"{at} AS at, {at} + INTERVAL 1 MICROSECOND AS ripe"


def _day_over(day: str) -> str:
    """What belongs to a day and counts when that is over."""
    begins = f"({day}::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai'"
    ends = f"(({day} + 1)::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai'"
    return f"{begins} AS at, {ends} AS ripe"


def _day(day: str) -> str:
    """What belongs to a day and counts from its beginning."""
    begins = f"({day}::TIMESTAMP) AT TIME ZONE 'Asia/Shanghai'"
    return f"{begins} AS at, {begins} AS ripe"


def _last_day(limit: str) -> str:
    """What has until the end of a day, given as the midnight after it."""
    return f"{limit} - INTERVAL 1 MICROSECOND AS at, {limit} AS ripe"


RECORD = "t.group_id AS grp, t.owner_id AS person, t.client_id AS client"
GROUP = "x.group_id AS grp"


# Limits (§5.4): clocks


def _clocks(kind: str, more: str = "true") -> str:
    return f"""
        SELECT {_moment("c.due_at")}, {RECORD}, coalesce(c.stopped_at <= c.due_at, false) AS yes
        FROM tickets_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
        WHERE c.kind = '{kind}' AND c.superseded_at IS NULL AND c.due_at IS NOT NULL AND {more}
    """


REPORT_UP = f"""
    SELECT {_moment("e.due_at")}, {RECORD},
        coalesce(e.fired_at <= e.due_at + INTERVAL 10 SECOND, false) AND NOT e.found_nobody AS yes
    FROM tickets_escalation e JOIN tickets_ticket t ON t.id = e.ticket_id
    WHERE e.due_at IS NOT NULL AND t.status <> 'merged'
"""
# An arrival that ended before its deadline without anybody arriving then was not owed any more.
ARRIVED = """(c.stopped_at IS NULL OR c.stopped_at > c.due_at OR EXISTS (
    SELECT 1 FROM tickets_dispatch d WHERE d.ticket_id = t.id AND d.arrived_at = c.stopped_at))"""
DANGERS_CLOSED = _clocks("resolution", "t.id IN (SELECT ticket_id FROM tickets_inspectionrecord)")


# Records (§3.2)

ALIVE = "t.status <> 'merged' AND t.kind <> 'change'"
CLOSED = "t.status = 'closed' AND t.kind <> 'change'"


def _between(end: str, where: str) -> str:
    return f"""
        SELECT {_moment(end)}, {RECORD}, epoch_us({end} - t.reported_at) / 1e6 AS amount
        FROM tickets_ticket t WHERE {end} IS NOT NULL AND {where}
    """


def _closed(yes: str) -> str:
    return f"SELECT {_moment('t.closed_at')}, {RECORD}, {yes} AS yes FROM tickets_ticket t WHERE {CLOSED}"


def _number(at: str, where: str) -> str:
    return f"""
        SELECT {_moment(at)}, {RECORD}, 1 AS amount FROM tickets_ticket t
        WHERE {at} IS NOT NULL AND {where}
    """


REOPENED_EVER = "EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.kind = 'reopened')"
DENIED = "EXISTS (SELECT 1 FROM visits_callback v WHERE v.ticket_id = t.id AND v.is_solved = false)"
# From one group to another, or from one person to another; that somebody takes up what was nobody's is not.
HANDED_ON = """EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.kind = 'assigned' AND (
    (e.changes->>'$.group[0]' IS NOT NULL AND e.changes->>'$.group[0]' <> e.changes->>'$.group[1]')
    OR (e.changes->>'$.owner[0]' IS NOT NULL AND e.changes->>'$.owner[1]' IS NOT NULL
        AND e.changes->>'$.owner[0]' <> e.changes->>'$.owner[1]')))"""
CALLED_AGAIN = """EXISTS (SELECT 1 FROM tickets_entry e WHERE e.ticket_id = t.id AND e.at <= t.closed_at AND (
    e.kind IN ('repeat_contact', 'mail')
    OR e.kind = 'absorbed' AND EXISTS (SELECT 1 FROM tickets_link l WHERE l.entry_id = e.id)))"""
REPEATS = "EXISTS (SELECT 1 FROM tickets_link l WHERE l.record_id = t.id AND l.kind = 'repeat')"
COMPLETE = """(t.system_id IS NOT NULL AND (t.contact_id IS NOT NULL OR t.callback_number <> '')
    AND t.cause <> '' AND t.solution <> ''
    AND (t.kind <> 'fault' OR (t.grade IS NOT NULL AND t.grade_reason <> '')))"""
REOPENED = f"""
    SELECT {_moment("s.at + INTERVAL 168 HOUR")}, {RECORD}, EXISTS (
        SELECT 1 FROM tickets_entry r WHERE r.ticket_id = t.id AND r.kind = 'reopened'
            AND r.id > s.id AND r.at <= s.at + INTERVAL 168 HOUR) AS yes
    FROM tickets_entry s JOIN tickets_ticket t ON t.id = s.ticket_id
    WHERE s.kind = 'resolved' AND {ALIVE}
"""
REPEAT_FAULTS = f"""
    SELECT {_moment("t.resolved_at")}, {RECORD}, {REPEATS} AS yes FROM tickets_ticket t
    WHERE t.kind = 'fault' AND t.status <> 'merged' AND t.resolved_at IS NOT NULL
"""
COMPLAINTS = f"""
    SELECT {_moment("t.reported_at")}, {RECORD}, t.kind = 'complaint' AS yes
    FROM tickets_ticket t WHERE {ALIVE}
"""
MERGED = f"""
    SELECT {_moment("l.at")}, {RECORD}, 1 AS amount
    FROM tickets_link l JOIN tickets_ticket t ON t.id = l.record_id
    WHERE l.kind = 'duplicate' AND t.status = 'merged'
"""


def _open(days: int | None = None, until: int | None = None) -> str:
    """Those open at an instant that were reported more than `days` and at most `until` days before."""
    since = f"t.reported_at + INTERVAL {24 * (days or 0)} HOUR"
    ends = "coalesce(t.closed_at, TIMESTAMPTZ '9999-01-01')"
    if until is not None:
        ends = f"least({ends}, t.reported_at + INTERVAL {24 * until} HOUR)"
    return f"""
        SELECT {since} AS since, {ends} AS until, {RECORD} FROM tickets_ticket t WHERE t.status <> 'merged'
    """


WAITING = f"""
    SELECT p.started_at AS since,
        coalesce(p.ended_at - INTERVAL 1 MICROSECOND, TIMESTAMPTZ '9999-01-01') AS until, {RECORD}
    FROM tickets_pause p JOIN tickets_ticket t ON t.id = p.ticket_id WHERE t.status <> 'merged'
"""
PAUSED = f"""
    SELECT {_moment("p.ended_at")}, {RECORD}, epoch_us(p.ended_at - p.started_at) / 3600e6 AS amount
    FROM tickets_pause p JOIN tickets_ticket t ON t.id = p.ticket_id
    WHERE t.status <> 'merged' AND p.ended_at IS NOT NULL
"""
WORK_HOURS = f"""
    SELECT {_day('s."on"')}, t.group_id AS grp, s.person_id AS person, t.client_id AS client,
        s.minutes / 60.0 AS amount
    FROM tickets_timespent s JOIN tickets_ticket t ON t.id = s.ticket_id
"""


# On site, at a distance, changes (§4.2, tail 7.2)

FIRST_DISPATCH = f"""
    SELECT {_moment("d.left_at")}, t.group_id AS grp, d.engineer_id AS person, t.client_id AS client,
        d.outcome = 'solved' AS yes
    FROM (
        SELECT *, row_number() OVER (PARTITION BY ticket_id ORDER BY left_at, ordered_at, id) AS place
        FROM tickets_dispatch WHERE left_at IS NOT NULL AND called_off_at IS NULL
    ) d JOIN tickets_ticket t ON t.id = d.ticket_id WHERE d.place = 1
"""
CALLED_OFF = f"""
    SELECT {_moment("d.called_off_at")}, t.group_id AS grp, d.engineer_id AS person, t.client_id AS client,
        1 AS amount
    FROM tickets_dispatch d JOIN tickets_ticket t ON t.id = d.ticket_id WHERE d.called_off_at IS NOT NULL
"""
REMOTE = f"""
    SELECT {_moment("greatest(a.window_to, a.written_due_at)")}, t.group_id AS grp, s.operator_id AS person,
        t.client_id AS client,
        coalesce(
            s.started_at >= a.window_from AND s.started_at < a.window_to AND s.ended_at <= a.window_to
            AND (a.revoked_at IS NULL OR s.ended_at <= a.revoked_at)
            AND CASE WHEN a.how = 'phone'
                THEN a.written_received_at <= a.written_due_at AND w.withdrawn_at IS NULL AND w.id IS NOT NULL
                ELSE p.id IS NOT NULL AND p.withdrawn_at IS NULL END,
            false) AS yes
    FROM tickets_remotesession s
    JOIN tickets_remoteauthorisation a ON a.id = s.authorisation_id
    JOIN tickets_ticket t ON t.id = a.ticket_id
    LEFT JOIN tickets_attachment p ON p.id = a.evidence_id
    LEFT JOIN tickets_attachment w ON w.id = a.written_evidence_id
"""
CHANGES = f"""
    SELECT {_moment("c.finished_at")}, {RECORD}, c.outcome = 'succeeded' AS yes
    FROM tickets_change c JOIN tickets_ticket t ON t.id = c.ticket_id WHERE c.finished_at IS NOT NULL
"""


# Duty (§5.1)

SHEET = """duty_inspection x JOIN duty_sheetversion v ON v.id = x.version_id
    JOIN duty_inspectionsheet h ON h.id = v.sheet_id LEFT JOIN clients_system s ON s.id = h.system_id"""
INSPECTIONS = f"""
    SELECT {_moment("x.closes_at")}, {GROUP}, x.person_id AS person, s.client_id AS client,
        coalesce(x.finished_at <= x.closes_at, false) AS yes
    FROM {SHEET}
"""
ABNORMAL = f"""
    SELECT {_moment("x.finished_at")}, {GROUP}, x.finished_by_id AS person, s.client_id AS client, 1 AS amount
    FROM {SHEET} JOIN duty_inspectionanswer a ON a.inspection_id = x.id
    WHERE x.finished_at IS NOT NULL AND a.result = 'abnormal' AND a.reason <> '' AND a.recorded_at IS NULL
"""


def _shifts(by: str) -> str:
    """Shifts of the first duty that another person had before, and whether they were signed for by then.

    Over a gap a duty passes as well: whoever had it last answers for it (docs/roster.md).
    """
    return f"""
        SELECT {_moment(by)}, {GROUP}, x.user_id AS person, NULL::BIGINT AS client, EXISTS (
            SELECT 1 FROM tickets_handover h WHERE h.group_id = x.group_id AND h.changes_at = x.starts_at
                AND h.signed_at <= {by}) AS yes
        FROM (SELECT *, lag(user_id) OVER (PARTITION BY group_id ORDER BY starts_at) AS before
            FROM duty_shift WHERE role = 'primary') x
        LEFT JOIN tickets_handoverterms m ON m.group_id = x.group_id
        WHERE x.before <> x.user_id
    """


EMPTY = f"""
    SELECT {_moment("x.starts_at")}, {GROUP}, x.user_id AS person, NULL::BIGINT AS client, 1 AS amount
    FROM duty_emptyshift x
"""


# Clients (§4.1.2, §4.3, §5.3)

MINE = "x.group_id AS grp, x.person_id AS person, x.client_id AS client"
OWED = "x.state NOT IN ('covered', 'withdrawn')"
CALLBACKS = f"""
    SELECT {_last_day("x.limit_at")}, {MINE}, coalesce(x.state = 'done' AND x.done_at <= x.limit_at, false) AS yes
    FROM visits_callback x WHERE {OWED}
"""
REACHED = f"""
    SELECT {_last_day("x.limit_at")}, {MINE}, x.state = 'done' AS yes
    FROM visits_callback x WHERE {OWED} AND x.tried_at IS NOT NULL
"""
MOOT = f"""
    SELECT {_last_day("x.limit_at")}, {MINE}, 1 AS amount FROM visits_callback x WHERE NOT ({OWED})
"""
SHEETS = """surveys_answersheet f JOIN surveys_invitation i ON i.id = f.invitation_id
    WHERE f.finished_at IS NOT NULL
    AND i.id NOT IN (SELECT resurvey_id FROM surveys_correctiveaction WHERE resurvey_id IS NOT NULL)"""
ASKED = "i.group_id AS grp, i.engineer_id AS person, i.client_id AS client"
SATISFIED = f"""
    SELECT {_moment("q.given_at")}, q.grp, q.person, q.client, a.number >= 4 AS yes
    FROM (SELECT f.id, f.given_at, {ASKED} FROM {SHEETS}) q
    JOIN surveys_answer a ON a.sheet_id = q.id JOIN surveys_question u ON u.id = a.question_id
    WHERE u.kind = 'scale' AND u.dimension = 'overall' AND a.number IS NOT NULL
"""
SATISFACTION = f"""
    SELECT {_moment("q.given_at")}, q.grp, q.person, q.client, q.amount
    FROM (SELECT f.given_at, f.score AS amount, {ASKED} FROM {SHEETS}) q WHERE q.amount IS NOT NULL
"""
OWNED = "x.group_id AS grp, x.owner_id AS person, x.client_id AS client"
CORRECTIVE = f"""
    SELECT {_day_over("x.due_on")}, {OWNED}, NOT x.was_late AND x.verified_at IS NOT NULL AS yes
    FROM surveys_correctiveaction x WHERE x.due_on IS NOT NULL AND x.state <> 'dropped'
"""


def _over(table: str, state: str, at: str = "over_at", whose: str = OWNED) -> str:
    return f"SELECT {_moment(f'x.{at}')}, {whose}, 1 AS amount FROM {table} x WHERE x.state = '{state}'"


# Quality, meetings, reports (§4.1.1, §6)


def _by_day(instant: str) -> str:
    return f"({instant} AT TIME ZONE 'Asia/Shanghai')::DATE"


FINDINGS = f"""
    SELECT {_day_over("x.due_on")}, {OWNED},
        coalesce(x.state IN ('answered', 'closed') AND {_by_day("x.answered_at")} <= x.due_on, false) AS yes
    FROM audits_finding x WHERE x.state <> 'withdrawn'
"""
DANGERS = f"""
    SELECT {_moment("x.raised_at")}, {GROUP}, x.raised_by_id AS person, x.client_id AS client, 1 AS amount
    FROM audits_finding x WHERE x.kind = 'danger' AND x.state <> 'withdrawn'
"""
DOCUMENTS = f"""
    SELECT {_moment("c.at")}, x.group_id AS grp, d.person_id AS person, t.client_id AS client,
        c.result = 'conforms' AS yes
    FROM audits_check c JOIN audits_audit x ON x.id = c.audit_id
    LEFT JOIN audits_sampledrecord d ON d.id = c.sampled_id LEFT JOIN tickets_ticket t ON t.id = d.ticket_id
    WHERE x.kind = 'documents' AND c.result IN ('conforms', 'deviates')
"""
OF_GROUP = "x.group_id AS grp, x.owner_id AS person, NULL::BIGINT AS client"
DECISIONS = f"""
    SELECT {_day_over("x.due_on")}, {OF_GROUP},
        coalesce(x.state = 'done' AND {_by_day("x.settled_at")} <= x.due_on, false) AS yes
    FROM meetings_decision x WHERE x.state <> 'dropped'
"""
WEEKLY = f"""
    SELECT {_moment("x.due_at")}, {GROUP}, x.person_id AS person, NULL::BIGINT AS client,
        coalesce(x.first_submitted_at <= x.due_at, false) AS yes
    FROM meetings_weeklyreport x
"""


# The telephone exchange (§3.1)

NOBODY = "x.group_id AS grp, NULL::BIGINT AS person, NULL::BIGINT AS client"
ANSWERED = f"""
    SELECT {_day("x.day")}, {NOBODY}, x.answered AS amount, x.offered AS whole FROM reports_phoneday x
"""
RECORDED = f"""
    SELECT {_day("x.day")}, {NOBODY}, x.answered AS whole,
        (SELECT count(*) FROM tickets_ticket t WHERE t.group_id = x.group_id AND t.channel = 'phone'
            AND t.kind <> 'change' AND {_by_day("t.reported_at")} = x.day)
        + (SELECT count(*) FROM tickets_entry e JOIN tickets_ticket t ON t.id = e.ticket_id
            WHERE t.group_id = x.group_id AND e.kind = 'repeat_contact' AND e.changes->>'$.channel[1]' = 'phone'
            AND {_by_day("e.at")} = x.day) AS amount
    FROM reports_phoneday x
"""

S = Shape
WORDS: dict[str, Words] = {
    "response": Words(S.SHARE, _clocks("response")),
    "diagnosis": Words(S.SHARE, _clocks("diagnosis", "t.kind = 'fault'")),
    "report_up": Words(S.SHARE, REPORT_UP),
    "arrival": Words(S.SHARE, _clocks("arrival", ARRIVED)),
    "resolution": Words(S.SHARE, _clocks("resolution")),
    "mtta": Words(S.MEAN, _between("t.acknowledged_at", ALIVE)),
    "mttr": Words(S.MEAN, _between("t.resolved_at", "t.kind = 'fault' AND t.status <> 'merged'")),
    "solved": Words(S.SHARE, _closed(f"NOT {REOPENED_EVER} AND NOT {DENIED}")),
    "first_time": Words(S.SHARE, _closed(f"NOT {REOPENED_EVER} AND NOT {HANDED_ON} AND NOT {CALLED_AGAIN}")),
    "second_calls": Words(S.SHARE, _closed(CALLED_AGAIN)),
    "repeat_faults": Words(S.SHARE, REPEAT_FAULTS),
    "reopened": Words(S.SHARE, REOPENED),
    "first_dispatch": Words(S.SHARE, FIRST_DISPATCH),
    "complete": Words(S.SHARE, _closed(COMPLETE)),
    "reported": Words(S.TOTAL, _number("t.reported_at", ALIVE)),
    "solved_records": Words(S.TOTAL, _number("t.resolved_at", ALIVE)),
    "closed": Words(S.TOTAL, _number("t.closed_at", CLOSED)),
    "backlog": Words(S.STOCK, _open()),
    "open_0_3": Words(S.STOCK, _open(until=3)),
    "open_4_7": Words(S.STOCK, _open(3, 7)),
    "open_8_30": Words(S.STOCK, _open(7, 30)),
    "open_over_30": Words(S.STOCK, _open(30)),
    "waiting": Words(S.STOCK, WAITING),
    "paused_hours": Words(S.TOTAL, PAUSED),
    "merged": Words(S.TOTAL, MERGED),
    "work_hours": Words(S.TOTAL, WORK_HOURS),
    "per_engineer": Words(S.HEADS, _number("t.resolved_at", f"{ALIVE} AND t.owner_id IS NOT NULL")),
    "remote": Words(S.SHARE, REMOTE),
    "changes": Words(S.SHARE, CHANGES),
    "called_off": Words(S.TOTAL, CALLED_OFF),
    "inspections": Words(S.SHARE, INSPECTIONS),
    "dangers_closed": Words(S.SHARE, DANGERS_CLOSED),
    "abnormal_without_record": Words(S.TOTAL, ABNORMAL),
    "shifts": Words(S.SHARE, _shifts("x.starts_at + to_minutes(coalesce(m.sign_within, 15))")),
    "handovers": Words(S.SHARE, _shifts("x.ends_at")),
    "empty_shifts": Words(S.TOTAL, EMPTY),
    "callbacks": Words(S.SHARE, CALLBACKS),
    "reached": Words(S.SHARE, REACHED),
    "callbacks_moot": Words(S.TOTAL, MOOT),
    "satisfied": Words(S.SHARE, SATISFIED),
    "satisfaction": Words(S.MEAN, SATISFACTION),
    "complaints": Words(S.SHARE, COMPLAINTS),
    "complaints_answered": Words(S.SHARE, _clocks("response", "t.kind = 'complaint'")),
    "corrective": Words(S.SHARE, CORRECTIVE),
    "corrective_dropped": Words(S.TOTAL, _over("surveys_correctiveaction", "dropped")),
    "findings": Words(S.SHARE, FINDINGS),
    "findings_withdrawn": Words(S.TOTAL, _over("audits_finding", "withdrawn")),
    "dangers_found": Words(S.TOTAL, DANGERS),
    "documents": Words(S.SHARE, DOCUMENTS),
    "decisions": Words(S.SHARE, DECISIONS),
    "decisions_dropped": Words(S.TOTAL, _over("meetings_decision", "dropped", "settled_at", OF_GROUP)),
    "weekly_reports": Words(S.SHARE, WEEKLY),
    "answered": Words(S.RATIO, ANSWERED),
    "recorded": Words(S.RATIO, RECORDED),
}
