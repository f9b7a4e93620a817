"""How an uploaded file comes in: to disk as it comes, and no further than a limit."""

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from perennial.intake.reader.limits import MAX_TEXT_BYTES

MOST_BYTES = MAX_TEXT_BYTES


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes to a temporary file and stops at the limit; `too_big` says so afterwards.

    The rest is read and thrown away, so that the browser gets to show our sentence instead of a broken connection.
    """

    too_big = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._seen += len(raw_data)
        if self._seen > MOST_BYTES:
            self.too_big = True
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)
