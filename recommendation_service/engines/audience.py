"""Which startups the same people liked: what collaborative filtering knows, as a sparse vector per startup."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.act_ledger import ActLedger


def audience_vectors(acts: ActLedger) -> csr_matrix:
    """float32 [startups, people]: vectors whose dot products are the damped cosine of item-kNN.

    Labels divided by the square roots of (likers of the startup + 1) and of (likes of the person + 1): startups with
    few likers are alike only a little, and people who like much tell less (Deshpande & Karypis 2004).
    """
    liked = acts.label > 0
    labels, startup, user = acts.label[liked], acts.startup[liked], acts.user[liked]
    likers = np.bincount(startup, minlength=acts.startups)
    likes = np.bincount(user, minlength=acts.people)
    values = labels / (np.sqrt(likers[startup] + 1.0) * np.sqrt(likes[user] + 1.0))
    return csr_matrix((values.astype(np.float32), (startup, user)), shape=(acts.startups, acts.people))
