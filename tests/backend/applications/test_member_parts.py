from __future__ import annotations

from accounts.parts import member_export
from applications.invitations import invitation_send
from applications.services import application_submit, application_withdraw


def test_a_member_takes_their_applications_and_invitations_along(venture, founder, member, make_user):
    invitation_send(startup=venture, member=member, by=founder, note="Join us.")
    application = application_submit(member=member, startup=venture, letter="Dear all.")
    application_withdraw(application=application, by=member)
    application_submit(member=make_user(), startup=venture, letter="Not mine.")
    whole = member_export(member)
    assert [(part["startup"], part["letter"], part["status"]) for part in whole["applications"]] == [
        ("Solar Roofs", "Dear all.", "withdrawn")
    ]
    assert [step["status"] for step in whole["applications"][0]["steps"]] == ["submitted", "withdrawn"]
    assert [(part["startup"], part["note"], part["status"]) for part in whole["invitations"]] == [
        ("Solar Roofs", "Join us.", "sent")
    ]
    assert member_export(founder)["applications"] == member_export(founder)["invitations"] == []
    assert [(part["note"], part["status"]) for part in member_export(founder)["sent_invitations"]] == [
        ("Join us.", "sent")
    ]
    assert str(member.pk) not in str(member_export(founder))


def test_leaving_takes_them_away(venture, member):
    application = application_submit(member=member, startup=venture)
    member.delete()
    assert not type(application).objects.exists()
