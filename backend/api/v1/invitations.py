"""Invitations: mine to answer, those of my startups to send."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.fields import StrictSerializer, choice_field, text_field
from api.members import requesting_member
from api.pagination import Keyset
from api.queries import PageQuery, validated_body, validated_query
from api.v1.own_startups import own_startup
from api.v1.schema import CONFLICT, PROBLEMS
from applications.invitations import invitation_answer, invitation_send
from applications.models import MAX_NOTE_LENGTH
from applications.selectors import invitation_list_of_member, invitation_list_of_startup
from applications.states import InvitationStatus
from applications.visibility import member_seen_by

LATEST_FIRST = Keyset(time="sent_at", newest_key_first=False, parse_key=UUID)
ANSWERS = {"accept": True, "decline": False}


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation to me."""

    id = serializers.UUIDField()
    startup_id = serializers.UUIDField()
    startup_title = serializers.CharField(source="startup.title")
    note = serializers.CharField()
    status = serializers.ChoiceField(choices=InvitationStatus.values)
    sent_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class InvitationPageSerializer(serializers.Serializer[Any]):
    """One page of invitations to me."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = InvitationSerializer(many=True)


class SentInvitationSerializer(InvitationSerializer):
    """An invitation of a startup of mine, with who was invited."""

    member_id = serializers.UUIDField()


class SentInvitationPageSerializer(serializers.Serializer[Any]):
    """One page of invitations of a startup of mine."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = SentInvitationSerializer(many=True)


class NewInvitation(StrictSerializer):
    """Whom to invite, and a word to them."""

    member_id = serializers.UUIDField()
    note = text_field(MAX_NOTE_LENGTH)


class InvitationAnswer(StrictSerializer):
    """The answer."""

    answer = choice_field(ANSWERS)


class InvitationListView(APIView):
    """Invitations to me."""

    @extend_schema(
        operation_id="invitations_list", parameters=[PageQuery], responses={200: InvitationPageSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """List what I was invited to and can still see, latest first."""
        query = validated_query(request, PageQuery)
        mine = invitation_list_of_member(member=requesting_member(request))
        found, following = LATEST_FIRST.page(mine, limit=query["limit"], cursor=query.get("cursor"))
        return Response(InvitationPageSerializer({"next": following, "results": found}).data)


class InvitationAnswerView(APIView):
    """Answer an invitation."""

    @extend_schema(
        operation_id="invitations_answer",
        request=InvitationAnswer,
        responses={200: InvitationSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Accept, which saves the startup, or decline; the same answer again is harmless."""
        member = requesting_member(request)
        invitation = invitation_list_of_member(member=member).filter(pk=invitation_id).first()
        if invitation is None:
            raise Http404(f"You have no invitation {invitation_id}.")
        accept = ANSWERS[validated_body(request, InvitationAnswer)["answer"]]
        answered = invitation_answer(invitation=invitation, accept=accept, by=member)
        return Response(InvitationSerializer(answered).data)


class SentInvitationListView(APIView):
    """Invitations of a startup of mine."""

    @extend_schema(
        operation_id="me_startups_invitations",
        parameters=[PageQuery, OpenApiParameter("startup_id", UUID, OpenApiParameter.PATH)],
        responses={200: SentInvitationPageSerializer, **PROBLEMS},
    )
    def get(self, request: Request, startup_id: UUID) -> Response:
        """List whom it invited, latest first."""
        query = validated_query(request, PageQuery)
        sent = invitation_list_of_startup(startup=own_startup(request, startup_id)).select_related("startup")
        found, following = LATEST_FIRST.page(sent, limit=query["limit"], cursor=query.get("cursor"))
        return Response(SentInvitationPageSerializer({"next": following, "results": found}).data)

    @extend_schema(
        operation_id="me_startups_invite",
        request=NewInvitation,
        responses={201: SentInvitationSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request, startup_id: UUID) -> Response:
        """Invite a member; while an invitation is unanswered, inviting again is the same one."""
        startup = own_startup(request, startup_id)
        owner = requesting_member(request)
        values = validated_body(request, NewInvitation)
        member = member_seen_by(viewer=owner, member_id=values["member_id"])
        if member is None:
            raise Http404(f"There is no member {values['member_id']} that you may see.")
        sent = invitation_send(startup=startup, member=member, by=owner, note=values.get("note", ""))
        return Response(SentInvitationSerializer(sent).data, status=status.HTTP_201_CREATED)
