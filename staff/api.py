"""The token's owner, as the REST interface shows him."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from staff.rest import Coded, Moment, RestView


class TokenSerializer(serializers.Serializer):
    name = serializers.CharField()
    may_write = serializers.BooleanField()
    expires_at = Moment()


class MeSerializer(serializers.Serializer):
    id = serializers.CharField(source="username")
    name = serializers.CharField()
    name_en = serializers.CharField()
    role = serializers.CharField()
    role_label = serializers.CharField(source="get_role_display")
    group = Coded(allow_null=True)
    language = serializers.CharField(help_text=_("Empty: as each request asks."))


class Me(MeSerializer):
    token = TokenSerializer()


class MeView(RestView):
    @extend_schema(operation_id="me", summary=_("Who am I?"), tags=["me"], responses=Me)
    def get(self, request: Request) -> Response:
        return Response({**MeSerializer(request.user).data, "token": TokenSerializer(request.auth).data})
