"""Tallies for the dashboard, and an index so that what one took long ago costs no counter anything."""

import django.db.models.deletion
from django.db import migrations, models

SPAN = "date_bin('4 hours', {}, TIMESTAMPTZ '2000-01-01 00:00:00+00')"

FUNCTIONS = f"""
CREATE FUNCTION tickets_tally_record(record tickets_ticket, step integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO tickets_tally (kind, group_id, grade, since, number, stopped_in_time)
    VALUES ('reported', record.group_id, record.grade, {SPAN.format("record.reported_at")}, step, 0)
$$;

CREATE FUNCTION tickets_tally_clock(clock tickets_clock, of_group bigint, step integer) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO tickets_tally (kind, group_id, since, number, stopped_in_time)
    SELECT clock.kind, of_group, {SPAN.format("clock.due_at")}, step,
           CASE WHEN clock.stopped_at <= clock.due_at THEN step ELSE 0 END
    WHERE clock.superseded_at IS NULL AND clock.due_at IS NOT NULL
$$;

CREATE FUNCTION tickets_count_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM tickets_tally_record(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tickets_tally_record(NEW, 1);
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.group_id <> OLD.group_id THEN
        PERFORM tickets_tally_clock(clock, OLD.group_id, -1), tickets_tally_clock(clock, NEW.group_id, 1)
        FROM tickets_clock AS clock WHERE ticket_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION tickets_count_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_group bigint;
BEGIN
    SELECT group_id INTO of_group FROM tickets_ticket WHERE id = coalesce(NEW.ticket_id, OLD.ticket_id);
    IF TG_OP <> 'INSERT' THEN
        PERFORM tickets_tally_clock(OLD, of_group, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tickets_tally_clock(NEW, of_group, 1);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_count_record AFTER INSERT OR DELETE ON tickets_ticket
    FOR EACH ROW EXECUTE FUNCTION tickets_count_record();
CREATE TRIGGER tickets_count_changed_record AFTER UPDATE ON tickets_ticket FOR EACH ROW
    WHEN ((OLD.group_id, OLD.grade, OLD.reported_at) IS DISTINCT FROM (NEW.group_id, NEW.grade, NEW.reported_at))
    EXECUTE FUNCTION tickets_count_record();
CREATE TRIGGER tickets_count_clock AFTER INSERT OR DELETE ON tickets_clock
    FOR EACH ROW EXECUTE FUNCTION tickets_count_clock();
CREATE TRIGGER tickets_count_changed_clock AFTER UPDATE ON tickets_clock FOR EACH ROW
    WHEN ((OLD.kind, OLD.due_at, OLD.stopped_at, OLD.superseded_at)
          IS DISTINCT FROM (NEW.kind, NEW.due_at, NEW.stopped_at, NEW.superseded_at))
    EXECUTE FUNCTION tickets_count_clock();

CREATE FUNCTION tickets_count_anew() RETURNS void LANGUAGE sql AS $$
    LOCK TABLE tickets_ticket, tickets_clock IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM tickets_tally;
    INSERT INTO tickets_tally (kind, group_id, grade, since, number, stopped_in_time)
    SELECT 'reported', group_id, grade, {SPAN.format("reported_at")}, count(*), 0
    FROM tickets_ticket GROUP BY 2, 3, 4;
    INSERT INTO tickets_tally (kind, group_id, since, number, stopped_in_time)
    SELECT clock.kind, ticket.group_id, {SPAN.format("due_at")}, count(*),
           count(*) FILTER (WHERE stopped_at <= due_at)
    FROM tickets_clock AS clock JOIN tickets_ticket AS ticket ON ticket.id = ticket_id
    WHERE superseded_at IS NULL AND due_at IS NOT NULL GROUP BY 1, 2, 3;
$$;
SELECT tickets_count_anew();
"""
NO_FUNCTIONS = """
DROP TRIGGER tickets_count_record ON tickets_ticket;
DROP TRIGGER tickets_count_changed_record ON tickets_ticket;
DROP TRIGGER tickets_count_clock ON tickets_clock;
DROP TRIGGER tickets_count_changed_clock ON tickets_clock;
DROP FUNCTION tickets_count_anew(), tickets_count_record(), tickets_count_clock(),
    tickets_tally_record(tickets_ticket, integer), tickets_tally_clock(tickets_clock, bigint, integer);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_working_tools"), ("staff", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ("closed", "merged")), _negated=True),
                fields=["taken_by"],
                name="tickets_open_by_first_receiver",
            ),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("grade", models.PositiveSmallIntegerField(null=True)),
                ("since", models.DateTimeField()),
                ("number", models.IntegerField()),
                ("stopped_in_time", models.IntegerField(default=0)),
                (
                    "group",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="staff.group"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "group", "since"],
                        include=["grade", "number", "stopped_in_time"],
                        name="tickets_tally_since",
                    )
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
