"""What an installation has of limits and rules becomes the first version of its policy, in force."""

import django.db.models.deletion
from django.db import migrations, models


def adopt(apps, schema_editor):
    TimeLimit = apps.get_model("tickets", "TimeLimit")
    EscalationRule = apps.get_model("tickets", "EscalationRule")
    if not TimeLimit.objects.exists() and not EscalationRule.objects.exists():
        return  # load_defaults makes it
    first = apps.get_model("tickets", "PolicyVersion").objects.create(number=1, state="adopted")
    TimeLimit.objects.update(version=first)
    EscalationRule.objects.update(version=first)


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0020_policy'),
    ]

    operations = [
        migrations.RunPython(adopt, migrations.RunPython.noop),
        # The new foreign keys are checked now: a table is not altered while checks are pending.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='escalationrule',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='tickets.policyversion'),
        ),
        migrations.AlterField(
            model_name='timelimit',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='tickets.policyversion'),
        ),
    ]
