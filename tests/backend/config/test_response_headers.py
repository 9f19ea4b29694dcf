from __future__ import annotations

import pytest

from tests.backend.web.planted import CRAWLED, plant_platform
from tests.backend.web.routes import addresses


@pytest.mark.parametrize("role", CRAWLED[1:])
def test_what_a_member_sees_is_kept_by_no_cache(client, db, service_down, role):
    platform = plant_platform(lambda length: "words"[:length])
    client.force_login(platform.members[role])
    for name, address in addresses(platform.values, platform.objects).items():
        assert "private" in client.get(address).get("Cache-Control", ""), name
