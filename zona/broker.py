"""The file broker of embedded mode: kombu's own, with messages that appear whole or not at all.

kombu opens a message under its final name and then writes it; a reader that looks in between takes
an empty message and stops. Here a message is written beside and renamed.
"""

import time
import uuid
from pathlib import Path

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Reads as kombu does; writes atomically."""

    def _put(self, queue, payload, **kwargs):
        """Put a message onto ``queue``; names sort by age, as reading in order needs."""
        folder = Path(self.data_folder_out)
        name = f"{time.monotonic_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        draft = folder / f"{name}.draft"
        try:
            draft.write_bytes(dumps(payload).encode())
            draft.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    """What ``filesystem://`` means in this house (see `zona.celery`)."""

    Channel = Channel
