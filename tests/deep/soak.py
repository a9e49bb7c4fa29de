"""Kills parts of a running house again and again while it works, then counts what was lost.

Starts a house in a folder of its own, queues jobs and reads pages without pause, kills web, worker
or beat with SIGKILL every few seconds, and waits at the end until no job is open. Passes when every
job is done, no trigger is missing, and no page answered anything but 200.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
KIND = "zona.clear_sessions"
PARTS = {"web": b"gunicorn", "worker": b"worker", "beat": b"beat"}
KILL_EVERY_SECONDS = (3.0, 9.0)
SETTLE_SECONDS = 240
sys.path.insert(0, str(BASE_DIR))


def start(var: Path) -> tuple[subprocess.Popen, str]:
    """Start the house; return the supervisor and the address."""
    house = subprocess.Popen(
        [sys.executable, "-P", "zona/serve.py"],
        cwd=BASE_DIR,
        env=os.environ | {"ZONA_VAR": str(var), "ZONA_DEMO": "false"},
        stdout=(var / "said.txt").open("w"),
        stderr=subprocess.STDOUT,
    )
    until = time.monotonic() + 180
    while time.monotonic() < until and house.poll() is None:
        ready = re.search(r"Zona siap .*(http://\S+)", (var / "said.txt").read_text())
        if ready:
            return house, ready.group(1)
        time.sleep(0.2)
    raise SystemExit((var / "said.txt").read_text())


def kill_one(house: subprocess.Popen, part: str) -> bool:
    """Kill a part of the house; False when it is just being started again."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == house.pid and PARTS[part] in command:
            os.kill(int(entry.name), signal.SIGKILL)
            return True
    return False


def read_page(address: str, answers: Counter) -> None:
    """Read the login page and count the answer; a refused connection is an answer too."""
    try:
        with urllib.request.urlopen(f"{address}akun/login/", timeout=30) as answer:
            answers[str(answer.status)] += 1
    except urllib.error.HTTPError as error:
        answers[str(error.code)] += 1
    except OSError:
        answers["cut off while the web server was killed"] += 1


def main() -> int:
    """Soak, write the figures, return 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    var = Path(tempfile.mkdtemp(prefix="zona-soak-"))
    house, address = start(var)

    os.environ |= {"ZONA_VAR": str(var), "DJANGO_SETTINGS_MODULE": "zona.settings"}
    import django

    django.setup()
    from zona import jobs, triggers
    from zona.models import Job

    answers, kills = Counter(), Counter()
    begun = time.monotonic()
    next_kill = begun + 2
    queued = 0
    while time.monotonic() - begun < options.seconds:
        jobs.enqueue(KIND, args={"number": queued}, subject="soak")
        queued += 1
        read_page(address, answers)
        if time.monotonic() >= next_kill:
            part = chance.choice(list(PARTS))
            kills[part] += kill_one(house, part)
            next_kill = time.monotonic() + chance.uniform(*KILL_EVERY_SECONDS)
    settled = time.monotonic()
    mine = Job.objects.filter(subject="soak")
    while mine.exclude(state=Job.State.DONE).exists():
        if time.monotonic() - settled > SETTLE_SECONDS:
            break
        time.sleep(0.5)
    settling_seconds = time.monotonic() - settled
    states = Counter(mine.values_list("state", flat=True))
    tried_again = mine.filter(attempts__gt=1).count()
    missing = triggers.missing()
    house.send_signal(signal.SIGTERM)
    house.wait(30)

    wrong_pages = {code: n for code, n in answers.items() if code.isdigit() and code != "200"}
    good = states == {"done": queued} and not missing and not wrong_pages
    lines = [
        "# Soak",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {options.seconds:.0f} s, embedded, seed {options.seed}",
        "",
        "| | |",
        "|---|---|",
        f"| killed with SIGKILL | {', '.join(f'{n} × {p}' for p, n in sorted(kills.items()))} |",
        f"| jobs queued | {queued} |",
        f"| jobs by state at the end | {dict(states)} |",
        f"| jobs that needed another attempt | {tried_again} |",
        f"| time until the last was done | {settling_seconds:.1f} s |",
        f"| pages read, by answer | {dict(answers)} |",
        f"| triggers missing | {len(missing)} |",
        f"| verdict | {'nothing lost' if good else 'LOST'} |",
    ]
    options.out.write_text("\n".join(lines) + "\n")
    sys.stdout.write("\n".join(lines) + "\n")
    if good:
        shutil.rmtree(var)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
