"""How much anybody may upload, checked before a byte of it is stored."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

MAX_BYTES = 2 << 20
MAX_STAFF_BYTES = 512 << 20


class BoundedUploadHandler(FileUploadHandler):
    """Refuses a form with files that is too large for who sends it; it stores nothing itself."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature
        META: dict[str, Any],  # noqa: ARG002, N803 - Django's signature
        content_length: int,
        boundary: Any,  # noqa: ARG002 - Django's signature
        encoding: str | None = None,  # noqa: ARG002 - Django's signature
    ) -> None:
        """Look at the length before anything is read.

        Raises:
            RequestDataTooBig: If it is beyond the bound; the visitor sees a 400.
        """
        user = getattr(self.request, "user", None)
        limit = MAX_STAFF_BYTES if user is not None and user.is_staff else MAX_BYTES
        if content_length > limit:
            raise RequestDataTooBig(f"an upload of {content_length} bytes is beyond the bound of {limit}")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's signature
        """Pass it on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - Django's signature
        """Leave the file to the next handler."""
        return
