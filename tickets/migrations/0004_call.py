"""A further call has its own kind of entry, and what is typed of a call outlives the session."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0003_presence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('logged', 'Call recorded'), ('graded', 'Graded'), ('assigned', 'Assigned'), ('acknowledged', 'Acknowledged'), ('diagnosed', 'Diagnosed'), ('note', 'Note'), ('repeat_contact', 'Repeat contact'), ('paused', 'Waiting'), ('resumed', 'Resumed'), ('resolved', 'Resolved'), ('confirmed', 'Confirmed by the client'), ('reopened', 'Reopened'), ('near', 'Limit is near'), ('breached', 'Limit exceeded'), ('reported_up', 'Reported up')], max_length=16),
        ),
        migrations.CreateModel(
            name='CallDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fields', models.JSONField(default=dict)),
                ('started_at', models.DateTimeField()),
                ('saved_at', models.DateTimeField()),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'draft of a call',
                'verbose_name_plural': 'drafts of calls',
            },
        ),
    ]
