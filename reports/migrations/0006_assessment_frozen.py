"""What is final stays as it is with its evidence too; what a rule finds has its name in both languages."""

from django.db import migrations, models

# An item neither leaves a final assessment nor comes into one, from wherever; nor do its files.
STAYS = """
CREATE OR REPLACE FUNCTION reports_item_of_final_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT FROM reports_assessment WHERE id = OLD.assessment_id AND state = 'final'
    ) OR TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM reports_assessment WHERE id = NEW.assessment_id AND state = 'final'
    ) THEN
        RAISE EXCEPTION 'a final assessment never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION reports_evidence_of_final_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT FROM reports_assessmentitem item JOIN reports_assessment one ON one.id = item.assessment_id
        WHERE item.id = OLD.item_id AND one.state = 'final'
    ) OR TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM reports_assessmentitem item JOIN reports_assessment one ON one.id = item.assessment_id
        WHERE item.id = NEW.item_id AND one.state = 'final'
    ) THEN
        RAISE EXCEPTION 'a final assessment never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER reports_evidence_of_final BEFORE INSERT OR UPDATE OR DELETE ON reports_assessmentfile
    FOR EACH ROW EXECUTE FUNCTION reports_evidence_of_final_stays();
"""
AS_BEFORE = """
DROP TRIGGER reports_evidence_of_final ON reports_assessmentfile;
DROP FUNCTION reports_evidence_of_final_stays();
CREATE OR REPLACE FUNCTION reports_item_of_final_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_final boolean;
BEGIN
    SELECT state = 'final' INTO of_final FROM reports_assessment
        WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.assessment_id ELSE OLD.assessment_id END;
    IF of_final THEN
        RAISE EXCEPTION 'a final assessment never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_dashboards")]

    operations = [
        migrations.AddField(
            model_name="assessmentitem",
            name="label_en",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.RunSQL(STAYS, AS_BEFORE),
    ]
