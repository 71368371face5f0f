"""The ways one's notices take: channels of one's own, and the robots of a group."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from staff.actions import choose_topics, remove_channel, save_channel, try_channel
from staff.channelforms import ChannelForm, chosen_in, table_of
from staff.forms import show_refusal
from staff.models import GROUP_KINDS, ChannelKind, Delivery, DeliveryState, Group, NoticeChannel
from staff.refused import Refused
from staff.topics import USUAL
from staff.views.access import house_only

MOST_CHANGES = 20


@house_only
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """One's own channels, and what goes by which of them."""
    user = request.user
    own = list(NoticeChannel.objects.in_use().owned_by(user).select_related("fallback"))
    robots = NoticeChannel.objects.in_use().of_groups(user).filter(is_active=True)
    mails = Delivery.objects.visible_to(user).filter(notice__recipient=user, channel="email")
    context = {
        "channels": own,
        "rows": table_of(user, own),
        "kinds": ChannelKind,
        "answers_for_groups": user.may_administer or (user.may_supervise and user.group_id),
        "failing_robots": robots.filter(failing_since__isnull=False).count(),
        "mail_failure": mails.exclude(state=DeliveryState.WAITING).order_by("-pk").first(),
    }
    return render(request, "staff/channels.html", context)


@house_only
@require_POST
def topics(request: HttpRequest) -> HttpResponse:
    own = list(NoticeChannel.objects.in_use().owned_by(request.user))
    by_mail, by_channel = chosen_in(request.POST, own)
    choose_topics(request.user, by_mail=by_mail, by_channel=by_channel, now=timezone.now())
    messages.success(request, _("Your choice is saved. It holds for notices from now on."))
    return redirect("staff:channels")


@house_only
@require_safe
def group_channels(request: HttpRequest) -> HttpResponse:
    """The robots of the groups that one answers for; they are told what is reported up."""
    robots = list(NoticeChannel.objects.in_use().of_groups(request.user).select_related("group", "fallback"))
    places = [
        (group, [robot for robot in robots if robot.group_id == group.pk]) for group in _groups(request)
    ]
    return render(request, "staff/group_channels.html", {"places": places, "kinds": GROUP_KINDS})


@sensitive_post_parameters("address", "secret")
@sensitive_variables()
@house_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, kind: str, group: str = "") -> HttpResponse:
    """Add a channel of one's own, or to a group that one answers for."""
    if kind not in (GROUP_KINDS if group else ChannelKind.values):
        raise Http404
    if group:
        owner = next((found for found in _groups(request) if found.code == group), None)
        if owner is None:
            raise Http404
        channel = NoticeChannel(group=owner, kind=kind)
    else:
        channel = NoticeChannel(owner=request.user, kind=kind, topics=list(USUAL))
    return _form_page(request, channel)


@sensitive_post_parameters("address", "secret")
@sensitive_variables()
@house_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _form_page(request, _channel(request, pk))


@house_only
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message now; the page says what the provider answered."""
    channel = _channel(request, pk)
    try:
        trial = try_channel(channel, by=request.user, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        if trial.error:
            words = {"name": channel.name, "error": _(trial.error)}
            messages.error(request, _("“%(name)s” did not take the test message: %(error)s") % words)
        else:
            words = {"name": channel.name, "answer": trial.answer}
            text = _("“%(name)s” has taken the test message. %(answer)s") % words
            messages.success(request, text.strip())
    return _back(channel)


@house_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk)
    remove_channel(channel, by=request.user, now=timezone.now())
    messages.success(request, _("“%(name)s” is removed.") % {"name": channel.name})
    return _back(channel)


@sensitive_variables()
def _form_page(request: HttpRequest, channel: NoticeChannel) -> HttpResponse:
    is_new, new_secret = channel.pk is None, ""
    form = ChannelForm(request.POST or None, instance=channel)
    if request.method == "POST" and form.is_valid():
        try:
            channel, new_secret = save_channel(
                form.instance, **form.secrets, by=request.user, now=timezone.now()
            )
        except Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("“%(name)s” is saved. Send a test message.") % {"name": channel.name})
            if not new_secret:
                return _back(channel)
            form, is_new = ChannelForm(instance=channel), False
    changes = [] if is_new else channel.changes.select_related("by")[:MOST_CHANGES]
    context = {
        "form": form,
        "channel": channel,
        "is_new": is_new,
        "new_secret": new_secret,
        "changes": changes,
    }
    return render(request, "staff/channel_form.html", context, status=422 if form.errors else 200)


def _channel(request: HttpRequest, pk: int) -> NoticeChannel:
    found = NoticeChannel.objects.in_use().visible_to(request.user).select_related("group")
    return get_object_or_404(found, pk=pk)


def _groups(request: HttpRequest) -> list[Group]:
    user = request.user
    if user.may_administer:
        return list(Group.objects.all())
    if not (user.may_supervise and user.group):
        raise PermissionDenied
    return [user.group]


def _back(channel: NoticeChannel) -> HttpResponse:
    return redirect("staff:group_channels" if channel.group_id else "staff:channels")
