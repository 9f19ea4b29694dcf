"""What a startup of mine meets with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.fields import StrictSerializer
from api.queries import validated_query
from api.v1.own_startups import own_startup
from api.v1.schema import PROBLEMS
from recommendations.startup_numbers import ACTS, StartupNumbers, startup_numbers

MAX_DAYS = 366


class NumbersQuery(StrictSerializer):
    """How far back."""

    days = serializers.IntegerField(default=30, min_value=1, max_value=MAX_DAYS)


class TotalsSerializer(serializers.Serializer[Any]):
    """How often it was shown, and how many members opened, saved (or liked) and applied (or were interested)."""

    shown = serializers.IntegerField()
    opened = serializers.IntegerField()
    saved = serializers.IntegerField()
    applied = serializers.IntegerField()


class DaySerializer(TotalsSerializer):
    """The same of one day (UTC)."""

    day = serializers.DateField()


class RateSerializer(serializers.Serializer[Any]):
    """A share of the impressions with its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class RatesSerializer(serializers.Serializer[Any]):
    """What came of showing it."""

    opened = RateSerializer()
    saved = RateSerializer()
    applied = RateSerializer()


class NumbersSerializer(serializers.Serializer[Any]):
    """What a startup meets with; acts taken back do not count."""

    totals = TotalsSerializer()
    rates = RatesSerializer(allow_null=True, help_text="Null until it was shown.")
    days = DaySerializer(many=True)


class StartupNumbersView(APIView):
    """What a startup of mine meets with."""

    @extend_schema(
        operation_id="me_startups_numbers",
        parameters=[NumbersQuery, OpenApiParameter("startup_id", UUID, OpenApiParameter.PATH)],
        responses={200: NumbersSerializer, **PROBLEMS},
    )
    def get(self, request: Request, startup_id: UUID) -> Response:
        """Read how often it was shown and how many members did what, day by day, today included."""
        days = validated_query(request, NumbersQuery)["days"]
        numbers = startup_numbers(startup=own_startup(request, startup_id), days=days)
        answer = {
            "totals": {"shown": sum(numbers.shown.values()), **numbers.totals},
            "rates": numbers.rates,
            "days": [_day(numbers, place) for place in range(days)],
        }
        return Response(NumbersSerializer(answer).data)


def _day(numbers: StartupNumbers, place: int) -> dict[str, Any]:
    day = numbers.first + timedelta(days=place)
    acts = {kind: numbers.members[kind].get(day, 0) for kind in ACTS}
    return {"day": day, "shown": numbers.shown.get(day, 0), **acts}
