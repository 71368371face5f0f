"""What is written without templates is what the templates write."""

import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from staff.models import Group
from staff.widgets import WRITERS, Renderer

ODD = """a<b> & "c" 'd' 中文"""
CHOICES = [("", "—"), (1, "one"), ("2", ODD), (3, _("Phone")), (4, mark_safe("<b>four</b>"))]


class Odd(forms.Form):
    text = forms.CharField(
        required=False, label=ODD, widget=forms.TextInput(attrs={"data-x": ODD, "autofocus": True})
    )
    number = forms.IntegerField(min_value=1, max_value=9)
    email = forms.EmailField(max_length=100, disabled=True)
    secret = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput)
    day = forms.DateField()
    at = forms.DateTimeField(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    lines = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "hidden": False}))
    box = forms.BooleanField(required=False)
    choice = forms.ChoiceField(choices=CHOICES)
    several = forms.MultipleChoiceField(choices=CHOICES)
    grouped = forms.ChoiceField(choices=[("Group", CHOICES[1:3]), ("x", "y")])
    radio = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
    group = forms.ModelChoiceField(Group.objects.all(), required=False)


VALUES = [
    {},
    {
        "text": ODD,
        "number": 3,
        "lines": f"\n{ODD}\n",
        "box": True,
        "choice": "2",
        "several": ["1", "2"],
        "hidden": 0,
    },
    {
        "text": mark_safe("<i>"),
        "number": "x",
        "choice": 1,
        "several": [],
        "day": "2026-11-23",
        "grouped": "2",
    },
]


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("bound", [False, True])
def test_widgets_are_as_the_templates_draw_them(db, values, bound) -> None:
    Group.objects.create(code="odd", name=ODD)
    form = {"data": values} if bound else {"initial": values}
    ours, theirs = Odd(**form, renderer=Renderer()), Odd(**form, renderer=TemplatesSetting())
    for name in Odd.base_fields:
        assert _parts(str(ours[name])) == _parts(str(theirs[name])), name


def test_every_plain_widget_is_written() -> None:
    drawn = {field.widget.template_name for field in Odd.base_fields.values()}
    assert drawn - set(WRITERS) == {"django/forms/widgets/radio.html"}


def _parts(html: str) -> list[str]:
    """The markup without the blanks between its tags, which nobody sees."""
    return re.sub(r">\s+<", "><", html.strip()).split("<")
