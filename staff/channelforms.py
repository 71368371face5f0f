"""What is typed in to add or change a channel, and the table of what goes where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from staff.models import SIGNED_KINDS, ChannelKind, NoticeChannel, User
from staff.topics import Topic

ADDRESSES = {
    ChannelKind.WECOM: _("The robot's webhook address, as WeCom shows it when the robot is added to a chat."),
    ChannelKind.DINGTALK: _("The robot's webhook address, as DingTalk shows it in the robot's settings."),
    ChannelKind.FEISHU: _("The robot's webhook address, as Feishu shows it in the robot's settings."),
    ChannelKind.WEBHOOK: _("An https address on a host that an administrator has allowed."),
    ChannelKind.SMS: _("A mobile number."),
    ChannelKind.EMAIL: _("An e-mail address beside that of your account."),
}
SECRETS = {
    ChannelKind.DINGTALK: _("If the robot checks signatures: the secret that begins with SEC."),
    ChannelKind.FEISHU: _("If the robot checks signatures: its secret."),
    ChannelKind.WEBHOOK: _("24 to 64 bytes in base64. Leave it empty and one is made and shown once."),
}
KEPT = _("Stored sealed and never shown again. Leave it empty to keep it.")
EMAIL = "email"


class ChannelForm(forms.ModelForm):
    """A channel; its address and secret go in and never come out."""

    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = NoticeChannel
        fields = ["name", "language", "quiet_from", "quiet_until", "fallback", "is_active"]
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("quiet_from", "quiet_until")
        }
        help_texts = {
            "quiet_until": _(
                "Between these times copies wait, but for those about grade-1 faults. The inbox has them all."
            ),
            "fallback": _("What was given up here is sent by this channel, else by e-mail."),
            "is_active": _("Switched off, nothing is sent here."),
        }

    field_order = ["name", "address", "secret"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channel: NoticeChannel = self.instance
        kind = ChannelKind(channel.kind)
        self.fields["address"].help_text = KEPT if channel.pk else ADDRESSES[kind]
        self.fields["address"].required = channel.pk is None
        self.fields["address"].widget.attrs["placeholder"] = channel.hint
        if kind in SIGNED_KINDS:
            self.fields["secret"].help_text = KEPT if channel.secret else SECRETS[kind]
        else:
            del self.fields["secret"]
        if kind == ChannelKind.SMS:
            self.fields["address"].label = _("Phone number")
        others = NoticeChannel.objects.in_use().filter(owner=channel.owner_id, group=channel.group_id)
        self.fields["fallback"].queryset = others.exclude(pk=channel.pk)
        self.fields["fallback"].empty_label = _("e-mail")
        self.fields["fallback"].label_from_instance = lambda other: other.name

    @property
    def secrets(self) -> dict[str, str]:
        """What was typed into the fields that are not stored in clear."""
        return {name: self.cleaned_data.get(name, "").strip() for name in ("address", "secret")}

    def _get_validation_exclusions(self) -> set[str]:
        # The action says in words what the constraints would say by their names.
        return super()._get_validation_exclusions() | {"owner", "group", "quiet_from", "quiet_until"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of the table: is what this topic is about sent this way?"""

    name: str
    label: str
    is_on: bool


def table_of(user: User, channels: Sequence[NoticeChannel]) -> list[tuple[str, list[Cell]]]:
    """The table of topics and ways: a row a topic, its boxes in the order of e-mail and the channels."""
    ways = [(EMAIL, _("e-mail"), user.email_topics)]
    ways += [(str(channel.pk), channel.name, channel.topics) for channel in channels]
    return [
        (str(topic.label), [Cell(f"{way}:{topic}", str(label), topic in on) for way, label, on in ways])
        for topic in Topic
    ]


def chosen_in(data: QueryDict, channels: Sequence[NoticeChannel]) -> tuple[set[str], dict[int, set[str]]]:
    """What was ticked in the table: topics by e-mail, and topics by each channel."""

    def ticked(way: str) -> set[str]:
        return {topic for topic in Topic.values if data.get(f"{way}:{topic}")}

    return ticked(EMAIL), {channel.pk: ticked(str(channel.pk)) for channel in channels}
