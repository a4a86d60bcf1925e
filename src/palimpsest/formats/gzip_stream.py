"""The content of gzip files, as `gzip` itself reads them."""

import zlib
from typing import Any

import pyarrow as pa

CHUNK = 1 << 16  # bytes of the file that are read at once
_GZIP = 31  # of zlib: with the head and tail of gzip


class GzipStream:
    """What is in a gzip file: members one after another, maybe zeros behind the last.

    Tapes and disks pad files with zeros.
    """

    def __init__(self, file: pa.NativeFile) -> None:
        self._file = file
        self._held, self._ended = b"", False  # what was read and not unpacked; whether that is all
        self._member: Any = None
        self._members = 0

    def readinto(self, room: bytearray | memoryview) -> int:
        """Fill `room` from its start: how many bytes came, 0 at the end.

        Raises OSError where the file is damaged or ends within a member.
        """
        while len(room):
            if not self._held and not self._ended:
                self._held = self._file.read(CHUNK)
                self._ended = not self._held
            if self._member is None:
                if self._members:
                    self._held = self._held.lstrip(b"\0")
                if not self._held:
                    if self._ended:
                        return 0
                    continue
                self._member = zlib.decompressobj(_GZIP)
            try:
                content = self._member.decompress(self._held, len(room))
            except zlib.error as error:
                raise OSError(str(error)) from error
            self._held = self._member.unconsumed_tail
            if self._member.eof:
                self._held = self._member.unused_data
                self._member, self._members = None, self._members + 1
            elif self._ended and not content:
                raise OSError("it ends within its compressed content")
            if content:
                room[: len(content)] = content
                return len(content)
        return 0

    def close(self) -> None:
        """The file is closed by who opened it."""
