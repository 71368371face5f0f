"""What a board on the wall is to show, and how."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from duty.actions import may_hang_up
from duty.models import BoardTheme
from staff.models import Group, User


class BoardForm(forms.Form):
    """Whose board, in which language, dark or light: of those that a person may hang up."""

    group = forms.ModelChoiceField(
        Group.objects.none(), label=_("Group"), empty_label=_("All groups"), required=False
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=BoardTheme.choices,
        help_text=_("Dark is read better from afar; light in a room that the sun shines into."),
    )

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        if may_hang_up(None, user):
            field.queryset = Group.objects.all()
        else:
            field.queryset = Group.objects.filter(pk=user.group_id)
            field.empty_label, field.required = None, True
        field.label_from_instance = lambda group: group.label  # type: ignore[method-assign]
