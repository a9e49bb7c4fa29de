"""What every page may say about the installation itself."""

from django.conf import settings


def site(request) -> dict[str, object]:
    """Return ``demo`` (the data are invented, say so) and ``mode`` (embedded or production)."""
    return {"demo": settings.ZONA_DEMO, "mode": settings.ZONA_MODE}
