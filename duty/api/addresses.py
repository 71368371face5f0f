"""What the addresses of the roster have in common: who asks, how a thing is found, shown and acted on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from duty.views.groups import groups_of
from staff.idempotency import KEY, once
from staff.models import Group
from staff.refused import Refused
from staff.rest import HouseOnly, RestView, Strict, checked, page_of
from staff.restaddresses import FoundById, examples
from staff.restnames import chosen

# What the actions call otherwise than the bodies.
FIELDS = {"user": "person", "role": "duty", "takers": "people"}


class DutyView(RestView):
    """What all addresses of the roster ask first: whose rosters the caller sees."""

    def groups(self, query: Mapping[str, Any]) -> list[Group]:
        groups = groups_of(self.request.user)
        if "group" not in query:
            return groups
        found = [group for group in groups if group.code == query["group"]]
        if not found:
            raise Http404
        return found

    @property
    def shown_to(self) -> dict[str, Any]:
        return {"user": self.request.user}


class HouseView(HouseOnly, DutyView):
    def group_named(self, data: Mapping[str, Any]) -> Group:
        """The group of a body, where its sender sees that."""
        seen = groups_of(self.request.user)
        return chosen((group for group in seen if group.code == data["group"]), "group")

    @contextmanager
    def telling(self, body: type[Strict]) -> Iterator[None]:
        """Let a refusal name the field as the body does; what was not sent is the body as a whole."""
        try:
            yield
        except Refused as refused:
            name, slash, inside = (refused.field or "").partition("/")
            name = FIELDS.get(name, name)
            is_sent = name in body().fields or name in self.kwargs
            refused.field = f"{name}{slash}{inside}" if is_sent else None
            raise

    def do(self, deed: Callable[..., Any], body: type[Strict], answer: Callable[[Any], Response]) -> Response:
        """Do what a body asks for, once per Idempotency-Key where one is given."""
        now = timezone.now()

        def act() -> Response:
            data = checked(body, self.request.data)
            with self.telling(body):
                done = deed(data, by=self.request.user, now=now)
            return answer(done)

        return once(self.request, act, required=False, now=now)


class RosterViewSet(HouseView, FoundById):
    """What a roster is made of, one kind of it: listed, read, made, and acted on by verbs."""

    order = "-pk"
    of: Addresses

    def listed(self, rows: QuerySet[Any], query: Mapping[str, Any]) -> Response:
        return self.page(rows, query, order=self.order, shown=self.shown)

    def shown(self, found: Any) -> Any:
        return self.of.row(found, many=True, context=self.shown_to).data

    def shown_whole(self, found: Any) -> Any:
        """One thing by itself; some have more to say then than in a list."""
        return (self.of.whole or self.of.row)(found, context=self.shown_to).data

    def act(self, deed: Callable[..., Model | None], body: type[Strict], *, status: int = 200) -> Response:
        """Answer with the thing as it stands after a deed, or with nothing where none is left."""

        def answer(done: Model | None) -> Response:
            if done is None:
                return Response(status=204)
            shown = self.shown_whole(self.rows().get(pk=done.pk))
            headers = {}
            if status == 201:
                headers["Location"] = self.request.build_absolute_uri(f"{self.request.path}{done.pk}/")
            return Response(shown, status=status, headers=headers)

        return self.do(deed, body, answer)


@dataclass(frozen=True, slots=True)
class Addresses:
    """How the addresses of one kind of thing are documented, and which of its methods they call.

    `row` is how one is shown in a list, `whole` by itself.
    """

    name: str
    row: type[serializers.Serializer]
    at: OpenApiParameter
    whole: type[serializers.Serializer] | None = None
    tag: str = "roster"

    def listed(self, summary: Promise, query: type[Strict]) -> Callable[..., Any]:
        page = page_of(self.row, self.row.__name__.removesuffix("Serializer") + "Page")
        return self._documented("list", summary, parameters=[query], responses=page)

    def read(self, summary: Promise) -> Callable[..., Any]:
        return self._documented("read", summary, parameters=[self.at], responses=self.whole or self.row)

    def made(self, summary: Promise, body: type[Strict], example: Mapping[str, Any]) -> Callable[..., Any]:
        """Turn `method(view, data, by=, now=)`, named `create`, into the address that makes one."""

        def decorate(method: Callable[..., Model]) -> Callable[..., Response]:
            def create(view: RosterViewSet, request: Request) -> Response:
                return view.act(lambda data, **who: method(view, data, **who), body, status=201)

            response = OpenApiResponse(
                self.whole or self.row, description=_("Made; Location is its address.")
            )
            documented = self._documented(
                method.__name__,
                summary,
                parameters=[KEY],
                request=body,
                responses={201: response},
                examples=examples(method.__name__, example, summary),
            )
            return documented(create)

        return decorate

    def verb(
        self,
        summary: Promise,
        body: type[Strict],
        example: Mapping[str, Any],
        *,
        leaves_nothing: bool = False,
    ) -> Callable[..., Any]:
        """Turn `method(view, thing, data, by=, now=)` into the address of a verb on one thing."""

        def decorate(method: Callable[..., Model | None]) -> Callable[..., Response]:
            def address(view: RosterViewSet, request: Request, **_address: str) -> Response:
                return view.act(lambda data, **who: method(view, view.one(), data, **who), body)

            address.__name__, address.__doc__ = method.__name__, method.__doc__
            documented = self._documented(
                method.__name__,
                summary,
                parameters=[self.at, KEY],
                request=body,
                responses={204: None} if leaves_nothing else self.whole or self.row,
                examples=examples(method.__name__, example, summary),
            )
            return documented(action(detail=True, methods=["post"])(address))

        return decorate

    def _documented(self, name: str, summary: Promise, **more: Any) -> Callable[..., Any]:
        return extend_schema(operation_id=f"{self.name}_{name}", summary=summary, tags=[self.tag], **more)
