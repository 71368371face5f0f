"""A record's files through the REST interface."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from staff.filefield import uploads
from staff.idempotency import KEY, once
from staff.rest import ListQuery, Moment, Person, RestView, Strict, page_of
from staff.views.files import given_out
from tickets import actions
from tickets.api import BY_NUMBER
from tickets.models import Attachment, Ticket

BY_FILE = OpenApiParameter("file", int, OpenApiParameter.PATH, description=_("The file's id."))


class AttachmentSerializer(serializers.Serializer):
    """A file of a record."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    media_type = serializers.CharField(help_text=_("What the file is, by its content."))
    size = serializers.IntegerField(help_text=_("In bytes."))
    sha256 = serializers.CharField(help_text=_("Of the content as it is kept: pictures are drawn anew."))
    width = serializers.IntegerField(allow_null=True, help_text=_("Of a picture, in pixels."))
    height = serializers.IntegerField(allow_null=True)
    by = Person(allow_null=True, help_text=_("Empty: the system itself."))
    at = Moment()
    entry = serializers.IntegerField(
        source="entry_id", allow_null=True, help_text=_("The entry of the history that it came with.")
    )
    withdrawn_at = Moment(allow_null=True)
    content = serializers.SerializerMethodField(help_text=_("Where its content is; empty when withdrawn."))

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_content(self, file: Attachment) -> str | None:
        if not file.is_present:
            return None
        address = reverse("api:attachment-content", args=[f"T-{file.ticket_id}", file.pk])
        return self.context["request"].build_absolute_uri(address)


class AttachBody(Strict):
    """Files in one request, which are one entry of the history."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), help_text=_("One part for each file.")
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class AttachedSerializer(serializers.Serializer):
    results = AttachmentSerializer(many=True)


class AttachmentsView(RestView):
    """All files of a record, and more of them."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="tickets_attachments",
        summary=_("A record's files, oldest first"),
        tags=["tickets"],
        parameters=[BY_NUMBER, ListQuery],
        responses=page_of(AttachmentSerializer, "AttachmentPage"),
    )
    def get(self, request: Request, id: str) -> Response:
        query = self.asked(ListQuery)
        rows = Attachment.objects.visible_to(request.user).filter(ticket=self._ticket(id))
        return self.page(rows.select_related("by"), query, order="pk", shown=self._shown)

    @extend_schema(
        operation_id="tickets_attach",
        summary=_("Attach files"),
        tags=["tickets"],
        parameters=[BY_NUMBER, KEY],
        request={"multipart/form-data": AttachBody},
        responses={201: OpenApiResponse(AttachedSerializer, description=_("All of them are kept."))},
        examples=[
            OpenApiExample(
                "attach",
                value={"files": ["screenshot.png"], "text": "As it looks at the ward"},
                summary=_("Attach files"),
                request_only=True,
                media_type="multipart/form-data",
            )
        ],
    )
    def post(self, request: Request, id: str) -> Response:
        return once(request, lambda: self._attach(id), required=False, now=timezone.now())

    def _attach(self, id: str) -> Response:
        ticket, body = self._ticket(id), AttachBody(data=self.request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        entry = actions.attach(
            ticket,
            uploads(data["files"]),
            text=data.get("text", ""),
            by=self.request.user,
            now=timezone.now(),
        )
        files = Attachment.objects.filter(entry=entry).select_related("by")
        return Response({"results": self._shown(list(files))}, status=201)

    def _ticket(self, id: str) -> Ticket:
        return get_object_or_404(Ticket.objects.visible_to(self.request.user), pk=id.removeprefix("T-"))

    def _shown(self, found: list[Attachment]) -> list[Any]:
        context = {"request": self.request, "user": self.request.user}
        return AttachmentSerializer(found, many=True, context=context).data


class AttachmentContentView(RestView):
    @extend_schema(
        operation_id="tickets_attachment_content",
        summary=_("A file's content"),
        tags=["tickets"],
        parameters=[BY_NUMBER, BY_FILE],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY, description=_("The file, under its media type and its name.")
            )
        },
    )
    def get(self, request: Request, id: str, file: str) -> HttpResponse:
        if len(file) > 18:
            raise Http404
        present = Attachment.objects.visible_to(request.user).present()
        return given_out(request, get_object_or_404(present, ticket=id.removeprefix("T-"), pk=file))
