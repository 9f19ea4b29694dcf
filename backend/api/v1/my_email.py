"""Moving my account to another e-mail address, which its reader confirms."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.email_change import EmailChangeAddresses, email_change_confirm, email_change_request
from api.fields import StrictSerializer
from api.members import requesting_member
from api.queries import validated_body
from api.v1.me import MAX_PASSWORD_LENGTH, MeSerializer
from api.v1.schema import GONE, PROBLEMS


class EmailChange(StrictSerializer):
    """The other address, and the password that proves who asks."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)


class EmailConfirmation(StrictSerializer):
    """The token of the e-mailed link."""

    token = serializers.CharField(max_length=1000)


class MyEmailView(APIView):
    """My e-mail address."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "account"

    @extend_schema(operation_id="me_email", request=EmailChange, responses={202: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Ask to move: the new address is e-mailed a link, or the news that it has an account."""
        values = validated_body(request, EmailChange)
        email_change_request(user=requesting_member(request), addresses=_addresses(request), **values)
        return Response(status=status.HTTP_202_ACCEPTED)


class MyEmailConfirmView(APIView):
    """Confirm the new address."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "account"

    @extend_schema(
        operation_id="me_email_confirm",
        request=EmailConfirmation,
        responses={200: MeSerializer, **PROBLEMS, **GONE},
    )
    def post(self, request: Request) -> Response:
        """Move my account, and tell the old address."""
        values = validated_body(request, EmailConfirmation)
        member = email_change_confirm(user=requesting_member(request), **values)
        return Response(MeSerializer(member).data)


def _addresses(request: Request) -> EmailChangeAddresses:
    return EmailChangeAddresses(
        confirm=lambda token: request.build_absolute_uri(reverse("web:email_confirm", args=[token])),
        login=request.build_absolute_uri(reverse("web:login")),
        reset=request.build_absolute_uri(reverse("web:password_reset")),
    )
