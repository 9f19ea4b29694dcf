"""Becoming a member, and a forgotten password: whether an address has an account is never told."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from accounts.models import Role
from accounts.passwords import password_reset_request
from accounts.sign_up import SignUpAddresses, sign_up_confirm, sign_up_request
from api.fields import StrictSerializer, choice_field, text_field
from api.queries import validated_body
from api.v1.me import MAX_PASSWORD_LENGTH
from api.v1.schema import GONE, PROBLEMS
from api.v1.tokens import TokenSerializer


class NewAccount(StrictSerializer):
    """Who wants to become a member."""

    email = serializers.EmailField(max_length=254)
    name = text_field(150)
    role = choice_field(Role.values, default=Role.STUDENT.value)
    password = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)


class Confirmation(StrictSerializer):
    """The token of the e-mailed link, and the password chosen when signing up."""

    token = serializers.CharField(max_length=500)
    password = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)


class ForgottenPassword(StrictSerializer):
    """Whose password is forgotten."""

    email = serializers.EmailField(max_length=254)


class StrangerView(APIView):
    """What people do before they are members; slowed down, for it is tempting to repeat."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign-up"


class AccountCreateView(StrangerView):
    """Sign up."""

    @extend_schema(operation_id="accounts_sign_up", request=NewAccount, responses={202: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Ask for an account: an e-mail brings a link, or the news that the address has one."""
        values: dict[str, Any] = {"name": "", **validated_body(request, NewAccount)}
        sign_up_request(addresses=_addresses(request), **values)
        return Response(status=status.HTTP_202_ACCEPTED)


class AccountConfirmView(StrangerView):
    """Confirm a sign-up."""

    @extend_schema(
        operation_id="accounts_confirm", request=Confirmation, responses={201: TokenSerializer, **PROBLEMS, **GONE}
    )
    def post(self, request: Request) -> Response:
        """Make the account, and answer a token for it."""
        values = validated_body(request, Confirmation)
        user = sign_up_confirm(started_here=None, **values)
        return Response({"token": Token.objects.create(user=user).key}, status=status.HTTP_201_CREATED)


class PasswordResetView(StrangerView):
    """A forgotten password."""

    @extend_schema(operation_id="accounts_password_reset", request=ForgottenPassword, responses={202: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Ask for an e-mail with a link to choose a new password; the answer is the same for every address."""
        password_reset_request(
            email=validated_body(request, ForgottenPassword)["email"],
            address=lambda key, token: request.build_absolute_uri(reverse("web:password_new", args=[key, token])),
        )
        return Response(status=status.HTTP_202_ACCEPTED)


def _addresses(request: Request) -> SignUpAddresses:
    return SignUpAddresses(
        confirm=lambda token: request.build_absolute_uri(reverse("web:confirm", args=[token])),
        login=request.build_absolute_uri(reverse("web:login")),
        reset=request.build_absolute_uri(reverse("web:password_reset")),
    )
