"""Tokens, for front ends without a session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from api.fields import StrictSerializer
from api.members import requesting_member
from api.v1.schema import PROBLEMS


class Credentials(StrictSerializer):
    """What a person logs in with."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class TokenSerializer(serializers.Serializer[Any]):
    """A token, to be sent as `Authorization: Token ...`."""

    token = serializers.CharField()


class TokenObtainView(APIView):
    """Obtain a token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "login"

    @extend_schema(operation_id="tokens_obtain", request=Credentials, responses={200: TokenSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Exchange e-mail address and password for a token."""
        body = Credentials(data=request.data)
        body.is_valid(raise_exception=True)
        asked = request._request  # the guard against guessing marks Django's own request
        user = authenticate(asked, username=body.validated_data["email"], password=body.validated_data["password"])
        if user is None:
            raise ValidationError("The e-mail address and the password do not fit together.")
        token, _ = Token.objects.get_or_create(user=user)
        return Response({"token": token.key})


class TokenRevokeView(APIView):
    """Revoke my token."""

    @extend_schema(operation_id="tokens_revoke", request=None, responses={204: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Make my token worthless; the next one obtained is another."""
        Token.objects.filter(user=requesting_member(request)).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
