"""What a browser may load and run on our pages (Content Security Policy), strict except where others wrote the page."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

Policy = dict[str, list[str]]

STRICT: Policy = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-src": [NONE],
    "frame-ancestors": [NONE],
}
"""Everything comes from here; no script or style stands inside a page."""

ADMIN: Policy = {
    **STRICT,
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}
"""The admin is drawn by Alpine.js, which evaluates expressions in its pages and sets styles; only staff see them."""

API_DOCS: Policy = {
    **STRICT,
    "style-src": [SELF, "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"],
    "img-src": [SELF, "data:"],
}
"""The viewer of the API's schema brings one short style along in its page, allowed by its digest, and drawn icons."""

LOOSER: dict[str, Policy] = {"/admin/": ADMIN, "/api/docs/": API_DOCS}


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends the strict policy with every answer, and a looser one below the paths that need it."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The policy of the path."""
        parts = super().get_policy_parts(request, response, report_only)
        looser = next((policy for path, policy in LOOSER.items() if request.path_info.startswith(path)), None)
        if looser is not None and not report_only:
            parts.replace = dict(looser)
        return parts
