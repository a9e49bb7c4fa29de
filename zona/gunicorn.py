"""How gunicorn serves Zona: `python -m gunicorn -c zona/gunicorn.py`.

Variables: ZONA_BIND (address), WEB_CONCURRENCY (processes), WEB_THREADS. Behind a proxy on another
machine, FORWARDED_ALLOW_IPS names it; only then its word about https is believed.
"""

import os
from pathlib import Path

wsgi_app = "zona.wsgi:application"
bind = os.environ.get("ZONA_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # one import for all processes: half the start, less memory
timeout = 60
graceful_timeout = 5
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
# Workers prove that they live through a file; memory does not stall as a disk may.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nosec B108
control_socket_disable = True
