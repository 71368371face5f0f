"""One's own channels and the delivery log through the REST interface; no address, no secret."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from staff.models import ChannelKind, Delivery, DeliveryState, NoticeChannel
from staff.rest import ListQuery, Moment, Person, RestView, page_of
from staff.topics import Topic


class ChannelSerializer(serializers.Serializer):
    """A way that one's notices take besides the inbox."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(ChannelKind.choices)
    kind_label = serializers.CharField(source="get_kind_display")
    name = serializers.CharField()
    hint = serializers.CharField(help_text=_("What of the address is shown: never what opens it."))
    is_active = serializers.BooleanField()
    topics = serializers.ListField(child=serializers.ChoiceField(Topic.choices))
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    fallback = serializers.IntegerField(source="fallback_id", allow_null=True)
    failing_since = Moment(allow_null=True)
    error = serializers.CharField(help_text=_("The provider's last error while the channel fails."))
    sent_at = Moment(allow_null=True)


class DeliverySerializer(serializers.Serializer):
    """One copy of a notice on its way out of the house."""

    id = serializers.IntegerField(source="pk")
    notice = serializers.IntegerField(source="notice_id")
    kind = serializers.CharField(source="notice.kind")
    recipient = Person(source="notice.recipient")
    way = serializers.CharField(source="channel", help_text=_("`email`, or kind and number of a channel."))
    state = serializers.ChoiceField(DeliveryState.choices)
    state_label = serializers.CharField(source="get_state_display")
    attempts = serializers.IntegerField()
    next_try_at = Moment()
    sent_at = Moment(allow_null=True)
    error = serializers.CharField()
    message = serializers.CharField(help_text=_("The name that every copy of the message bears."))
    instead_of = serializers.IntegerField(source="instead_of_id", allow_null=True)


class DeliveryQuery(ListQuery):
    state = serializers.ChoiceField(DeliveryState.choices, required=False)


class ChannelsView(RestView):
    @extend_schema(
        operation_id="channels_list",
        summary=_("My notice channels"),
        tags=["me"],
        parameters=[ListQuery],
        responses=page_of(ChannelSerializer, "ChannelPage"),
    )
    def get(self, request: Request) -> Response:
        return self.page(
            NoticeChannel.objects.in_use().owned_by(request.user),
            self.asked(ListQuery),
            order="pk",
            shown=lambda found: ChannelSerializer(found, many=True).data,
        )


class DeliveriesView(RestView):
    @extend_schema(
        operation_id="deliveries_list",
        summary=_("The delivery log"),
        tags=["me"],
        parameters=[DeliveryQuery],
        responses=page_of(DeliverySerializer, "DeliveryPage"),
    )
    def get(self, request: Request) -> Response:
        query = self.asked(DeliveryQuery)
        rows = Delivery.objects.visible_to(request.user).select_related("notice__recipient")
        if "state" in query:
            rows = rows.filter(state=query["state"])
        context = {"user": request.user}
        return self.page(
            rows,
            query,
            order="-pk",
            shown=lambda found: DeliverySerializer(found, many=True, context=context).data,
        )
