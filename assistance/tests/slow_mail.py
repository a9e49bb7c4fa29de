"""A mail server that stops answering after the third mail, run in a process that will be killed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from django.core.mail.backends.filebased import EmailBackend as FileBackend


class SlowBackend(FileBackend):
    """Takes two mails; takes the third too, but its answer never comes."""

    taken = 0

    def send_messages(self, messages):
        """Write the mails; after the third one touch the marker and fall silent."""
        sent = super().send_messages(messages)
        SlowBackend.taken += 1
        if SlowBackend.taken == 3:
            self.stream.flush()
            Path(os.environ["SLOW_MAIL_MARK"]).touch()
            time.sleep(600)
        return sent


def main() -> None:
    """Send what waits in the database named by the first argument into the second's folder."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"] = sys.argv[1]
    settings.EMAIL_BACKEND = "assistance.tests.slow_mail.SlowBackend"
    settings.EMAIL_FILE_PATH = sys.argv[2]
    from assistance.services.reminders import send_waiting

    send_waiting()


if __name__ == "__main__":
    import pytest  # noqa: F401  settings take its presence for a test run

    main()
