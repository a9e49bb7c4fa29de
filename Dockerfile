# One image for web, worker and beat; compose.yaml says which is which.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-paratype \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /zona
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

# The program belongs to root and is only read; what Zona writes lies in /data.
RUN python manage.py build_fonts \
    && useradd --system --home-dir /data zona \
    && install -d -o zona -m 700 /data
USER zona
ENV ZONA_MODE=production ZONA_VAR=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "zona/gunicorn.py"]
