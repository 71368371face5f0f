"""Counts kept of the figures, and triggers that note what of them becomes stale (docs/decisions/0030).

Each table has its notes: of which figures' rows it decides, and by which instants these fall into periods. A row
that comes or goes is noted with all of them, a row that changes with those that its changed columns decide. What
is noted too much is only counted once more.
"""

import django.db.models.deletion
import reports.models.kept
from django.db import migrations, models

EVER = "TIMESTAMPTZ '1900-01-01 00:00:00+00'"
WORDS = "(source, since, until)"


def own(table, *columns, source=None, where="true"):
    """The instants of the changed rows themselves."""
    return [
        f"SELECT '{source or table + '.' + column}', r.{column}, r.{column}"
        f" FROM {{rows}} AS r WHERE r.{column} IS NOT NULL AND {where}"
        for column in columns
    ]


def days(table, *columns):
    """The same where a day is noted: as its midnight in UTC."""
    midnight = "(r.{}::timestamp AT TIME ZONE 'UTC')"
    return [
        f"SELECT '{table}.{column}', {midnight.format(column)}, {midnight.format(column)}"
        f" FROM {{rows}} AS r WHERE r.{column} IS NOT NULL"
        for column in columns
    ]


def of(other, column, on, where="true", source=None):
    """The instants of the rows of another table that belong to the changed ones (`on`)."""
    return [
        f"SELECT '{source or other + '.' + column}', t.{column}, t.{column}"
        f" FROM {{rows}} AS r JOIN {other} AS t ON {on} WHERE t.{column} IS NOT NULL AND {where}"
    ]


def span(source, since, until, where="true"):
    """All instants between two."""
    return [f"SELECT '{source}', {since}, {until} FROM {{rows}} AS r WHERE {since} IS NOT NULL AND {where}"]


def everything(*sources):
    """All there is of small tables whose rows decide about each other."""
    return [f"SELECT '{source}', {EVER}, NULL::timestamptz FROM {{rows}} AS r" for source in sources]


def noted(notes, rows):
    found = " UNION ALL ".join(note.format(rows=rows) for note in notes)
    return f"INSERT INTO reports_stalespan {WORDS} SELECT DISTINCT * FROM ({found}) AS noted {WORDS} WHERE since IS NOT NULL"


def function(name, statement):
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {statement}; RETURN NULL; END $$;\n"
    )


def comes_and_goes(table, notes):
    """Rows that come or go, all of a statement at once."""
    found = ""
    for name, event, rows in (("new", "INSERT", "NEW"), ("gone", "DELETE", "OLD")):
        found += function(f"reports_{name}_{table}", noted(notes, "these"))
        found += (
            f"CREATE TRIGGER reports_{name} AFTER {event} ON {table} REFERENCING {rows} TABLE AS these"
            f" FOR EACH STATEMENT EXECUTE FUNCTION reports_{name}_{table}();\n"
        )
    return found


def changes(table, columns, notes, *, name="changed", told=None):
    """Rows of which one of some columns has changed; `told` says it of a row, where not each change counts."""
    told = told or ", ".join(f"{{0}}.{column}" for column in columns)
    both = "(SELECT OLD.* UNION ALL SELECT NEW.*)"
    return function(f"reports_{name}_{table}", noted(notes, both)) + (
        f"CREATE TRIGGER reports_{name} AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
        f" WHEN (({told.format('OLD')}) IS DISTINCT FROM ({told.format('NEW')}))"
        f" EXECUTE FUNCTION reports_{name}_{table}();\n"
    )


def watched(table, columns, notes):
    return comes_and_goes(table, notes) + changes(table, columns, notes)


# Records

RECORD = "tickets_ticket"
INSTANTS = own(RECORD, "reported_at", "acknowledged_at", "resolved_at", "closed_at")
STOCK = span(f"{RECORD}.reported_at-closed_at", "r.reported_at", "r.closed_at", "r.status <> 'merged'")
OUTAGE = span("clients_system", "r.reported_at", "r.resolved_at", "r.grade = 1 AND r.system_id IS NOT NULL")
# Whichever day it is there: days are noted as midnights in UTC, and the house may lie anywhere.
PHONED = "'reports_phoneday.day'", "r.{0} - interval '36 hours'", "r.{0} + interval '14 hours'"
CALLED = [f"SELECT {', '.join(PHONED).format('reported_at')} FROM {{rows}} AS r WHERE r.channel = 'phone'"]
CALLED_AGAIN = [f"SELECT {', '.join(PHONED).format('at')} FROM {{rows}} AS r WHERE r.kind = 'repeat_contact'"]
PAUSE_STOCK = "tickets_pause.started_at-ended_at"
THEIRS = "t.ticket_id = r.id"
PROVEN = "greatest({0}.window_to, {0}.written_due_at)"


def proven(join, alias="a"):
    by = PROVEN.format(alias)
    return [f"SELECT 'tickets_remotesession.proven_by', {by}, {by} FROM {{rows}} AS r {join}"]


PARTS_OF_RECORDS = [
    *of("tickets_clock", "due_at", THEIRS),
    *of("tickets_escalation", "due_at", THEIRS),
    *of("tickets_dispatch", "left_at", THEIRS),
    *of("tickets_dispatch", "called_off_at", THEIRS),
    *of("tickets_pause", "ended_at", THEIRS),
    f"SELECT '{PAUSE_STOCK}', t.started_at, t.ended_at FROM {{rows}} AS r JOIN tickets_pause AS t ON {THEIRS}",
    *of("tickets_entry", "at", THEIRS, "t.kind = 'resolved'"),
    *of("tickets_link", "at", "t.record_id = r.id", "t.kind = 'duplicate'"),
    *of("tickets_change", "finished_at", THEIRS),
    *proven("JOIN tickets_remoteauthorisation AS a ON a.ticket_id = r.id"),
    "SELECT 'tickets_timespent.on', t.at, t.at FROM {rows} AS r"
    " JOIN LATERAL (SELECT \"on\"::timestamp AT TIME ZONE 'UTC' AS at FROM tickets_timespent WHERE ticket_id = r.id)"
    " AS t ON true",
    "SELECT 'reports_phoneday.day', t.at - interval '36 hours', t.at + interval '14 hours' FROM {rows} AS r"
    " JOIN tickets_entry AS t ON t.ticket_id = r.id AND t.kind = 'repeat_contact'",
]
RECORDS = [
    comes_and_goes(RECORD, INSTANTS + STOCK + OUTAGE + CALLED),
    changes(
        RECORD,
        ("group_id", "kind", "status"),
        INSTANTS + STOCK + OUTAGE + CALLED + PARTS_OF_RECORDS,
        told="{0}.group_id, {0}.kind, {0}.status = 'merged'",
        name="moved",
    ),
    changes(
        RECORD,
        ("reported_at",),
        own(RECORD, "reported_at", "acknowledged_at", "resolved_at") + STOCK + OUTAGE + CALLED,
        name="reported",
    ),
    changes(RECORD, ("acknowledged_at",), own(RECORD, "acknowledged_at"), name="answered"),
    changes(RECORD, ("resolved_at",), own(RECORD, "resolved_at") + OUTAGE, name="solved"),
    changes(RECORD, ("reopened_count",), own(RECORD, "closed_at"), name="reopened"),
    # A record that is closed stood until then; nothing that was before is stale by that.
    function(
        f"reports_closed_{RECORD}",
        f"INSERT INTO reports_stalespan {WORDS} SELECT '{RECORD}.closed_at', at, at"
        " FROM unnest(ARRAY[OLD.closed_at, NEW.closed_at]) AS at WHERE at IS NOT NULL"
        f" UNION ALL SELECT '{RECORD}.reported_at-closed_at', least(OLD.closed_at, NEW.closed_at),"
        " CASE WHEN OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT NULL"
        " THEN greatest(OLD.closed_at, NEW.closed_at) END",
    ),
    f"CREATE TRIGGER reports_closed AFTER UPDATE OF closed_at ON {RECORD} FOR EACH ROW"
    f" WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION reports_closed_{RECORD}();\n",
    changes(
        RECORD,
        ("system_id", "contact_id", "callback_number", "cause", "solution", "grade", "grade_reason"),
        own(RECORD, "closed_at") + OUTAGE,
        name="described",
    ),
    changes(RECORD, ("owner_id",), own(RECORD, "resolved_at"), name="owned"),
    changes(RECORD, ("channel",), CALLED, name="phoned"),
]

# What belongs to records

SAME = "t.ticket_id = r.ticket_id"
ITS_RECORD = "t.id = r.ticket_id"
KINDS_THAT_COUNT = "('resolved', 'reopened', 'assigned', 'repeat_contact', 'mail', 'absorbed')"
OF_ENTRY = [
    *own("tickets_entry", "at", where="r.kind = 'resolved'"),
    *of("tickets_entry", "at", SAME, "t.kind = 'resolved' AND r.kind = 'reopened'"),
    *of(RECORD, "closed_at", ITS_RECORD, "r.kind NOT IN ('resolved', 'reopened')"),
    *CALLED_AGAIN,
]
ENDS = "t.id IN (r.record_id, r.other_id)"
OF_LINK = [
    *own("tickets_link", "at"),
    *of(RECORD, "closed_at", ENDS),
    *of(RECORD, "resolved_at", ENDS),
]
OF_DISPATCH = [
    *own("tickets_dispatch", "left_at", "called_off_at"),
    *of("tickets_dispatch", "left_at", SAME),
]
OF_PAUSE = own("tickets_pause", "ended_at") + span(PAUSE_STOCK, "r.started_at", "r.ended_at")
OF_CHANGE = own("tickets_change", "finished_at") + span("clients_system", "r.window_from", "r.window_to")
SESSION = proven("JOIN tickets_remoteauthorisation AS a ON a.id = r.authorisation_id")
EVIDENCE = proven("JOIN tickets_remoteauthorisation AS a ON r.id IN (a.evidence_id, a.written_evidence_id)")
BELONGING = [
    watched(
        "tickets_clock",
        ("kind", "due_at", "stopped_at", "superseded_at", "ticket_id"),
        own("tickets_clock", "due_at"),
    ),
    watched(
        "tickets_escalation",
        ("due_at", "fired_at", "is_late", "found_nobody", "ticket_id"),
        own("tickets_escalation", "due_at"),
    ),
    # Most of the history counts in no figure; what is written stays as it is.
    function("reports_new_tickets_entry", noted(OF_ENTRY, "(SELECT NEW.*)")),
    "CREATE TRIGGER reports_new AFTER INSERT ON tickets_entry FOR EACH ROW"
    f" WHEN (NEW.kind IN {KINDS_THAT_COUNT}) EXECUTE FUNCTION reports_new_tickets_entry();\n",
    watched("tickets_link", ("kind", "at", "record_id", "other_id", "entry_id"), OF_LINK),
    watched("tickets_dispatch", ("left_at", "called_off_at", "outcome", "ticket_id"), OF_DISPATCH),
    watched("tickets_pause", ("started_at", "ended_at", "ticket_id"), OF_PAUSE),
    watched("tickets_timespent", ('"on"', "minutes", "ticket_id"), days("tickets_timespent", '"on"')),
    watched(
        "tickets_change",
        ("finished_at", "outcome", "ticket_id", "state", "window_from", "window_to"),
        OF_CHANGE,
    ),
    watched("tickets_remotesession", ("started_at", "ended_at", "authorisation_id"), SESSION),
    changes(
        "tickets_remoteauthorisation",
        (
            *("ticket_id", "window_from", "window_to", "revoked_at", "how", "evidence_id"),
            *("written_evidence_id", "written_received_at", "written_due_at"),
        ),
        proven("", alias="r"),
    ),
    changes("tickets_attachment", ("withdrawn_at",), EVIDENCE),
    watched("tickets_inspectionrecord", ("ticket_id",), of("tickets_clock", "due_at", SAME)),
]

# What stands beside them

SHIFTS = everything("duty_shift.sign_by", "duty_shift.ends_at")
SHEETS = "surveys_answersheet.given_at", "surveys_answer.sheet__given_at"
OF_SHEET = [note for source in SHEETS for note in own("surveys_answersheet", "given_at", source=source)]
OF_INVITATION = [
    note
    for source in SHEETS
    for note in of("surveys_answersheet", "given_at", "t.invitation_id = r.id", source=source)
]
ABNORMAL = "duty_inspectionanswer.inspection__finished_at"
BESIDE = [
    watched(
        "duty_inspection",
        ("closes_at", "finished_at", "group_id"),
        own("duty_inspection", "closes_at") + own("duty_inspection", "finished_at", source=ABNORMAL),
    ),
    watched(
        "duty_inspectionanswer",
        ("result", "recorded_at", "inspection_id"),
        of("duty_inspection", "finished_at", "t.id = r.inspection_id", source=ABNORMAL),
    ),
    watched("duty_shift", ("group_id", "role", "user_id", "starts_at", "ends_at"), SHIFTS),
    watched("duty_emptyshift", ("group_id", "starts_at"), own("duty_emptyshift", "starts_at")),
    watched("tickets_handover", ("group_id", "changes_at", "signed_at"), SHIFTS),
    watched("tickets_handoverterms", ("group_id", "sign_within"), SHIFTS),
    watched(
        "visits_callback",
        ("limit_at", "state", "done_at", "tried_at", "group_id", "is_solved", "ticket_id"),
        own("visits_callback", "limit_at") + of(RECORD, "closed_at", ITS_RECORD),
    ),
    watched("surveys_answersheet", ("given_at", "finished_at", "score", "invitation_id"), OF_SHEET),
    watched(
        "surveys_answer",
        ("number", "question_id", "sheet_id"),
        of("surveys_answersheet", "given_at", "t.id = r.sheet_id", source=SHEETS[1]),
    ),
    changes("surveys_invitation", ("group_id", "campaign_id"), OF_INVITATION),
    changes("surveys_campaign", ("kind",), everything(*SHEETS)),
    changes("surveys_question", ("kind", "dimension"), everything(*SHEETS)),
    watched(
        "surveys_correctiveaction",
        ("due_on", "over_at", "state", "verified_at", "was_late", "group_id"),
        days("surveys_correctiveaction", "due_on") + own("surveys_correctiveaction", "over_at"),
    ),
    watched(
        "audits_finding",
        ("due_on", "over_at", "raised_at", "answered_at", "state", "kind", "group_id"),
        days("audits_finding", "due_on") + own("audits_finding", "over_at", "raised_at"),
    ),
    watched("audits_check", ("at", "result", "audit_id"), own("audits_check", "at")),
    changes("audits_audit", ("kind", "group_id"), of("audits_check", "at", "t.audit_id = r.id")),
    watched(
        "meetings_decision",
        ("due_on", "settled_at", "state", "group_id"),
        days("meetings_decision", "due_on") + own("meetings_decision", "settled_at"),
    ),
    watched(
        "meetings_weeklyreport",
        ("due_at", "first_submitted_at", "group_id"),
        own("meetings_weeklyreport", "due_at"),
    ),
    watched("reports_phoneday", ("day", "answered", "offered", "group_id"), days("reports_phoneday", "day")),
    watched(
        "clients_system", ("is_active", "in_service_since", "client_id"), everything("clients_system")
    ),
    changes("clients_client", ("group_id",), everything("clients_system")),
]
TRIGGERS = "".join((*RECORDS, *BELONGING, *BESIDE)).replace("'tickets_timespent.\"on\"'", "'tickets_timespent.on'")
# What stands open at an instant, beside what was closed after it; and when systems were down.
INDEXES = {
    "reports_ticket_open": ("(reported_at)", "closed_at IS NULL"),
    "reports_ticket_outages": ("(resolved_at, reported_at)", "kind = 'fault' AND grade = 1"),
}
NO_TRIGGERS = """
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE prorettype = 'trigger'::regtype AND starts_with(proname, 'reports_')
    LOOP EXECUTE format('DROP FUNCTION %s CASCADE', it.name); END LOOP;
END $$
"""
def key(**more):
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID", **more)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_kpis"),
        ("clients", "0003_archive"),
        ("duty", "0007_drafted_nights"),
        ("tickets", "0032_work_types"),
        ("surveys", "0003_corrective_of_audits"),
        ("visits", "0001_callbacks"),
        ("audits", "0002_process"),
        ("meetings", "0002_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reckoning",
            fields=[
                ("kpi", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("is_whole", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="StaleSpan",
            fields=[
                ("id", key()),
                ("source", models.CharField(max_length=80)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="KeptCount",
            fields=[
                ("id", key()),
                ("kpi", models.CharField(max_length=40)),
                ("unit", models.CharField(max_length=7)),
                ("first_on", models.DateField()),
                ("numerator", reports.models.kept.Exact(null=True)),
                ("denominator", reports.models.kept.Exact(null=True)),
                ("squares", reports.models.kept.Exact(null=True)),
                ("median", models.FloatField(null=True)),
                ("p90", models.FloatField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="staff.group",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kpi", "unit", "first_on", "group"),
                        name="reports_kept_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        *(
            migrations.RunSQL(
                f"CREATE INDEX {name} ON tickets_ticket {columns} WHERE {condition}", f"DROP INDEX {name}"
            )
            for name, (columns, condition) in INDEXES.items()
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
