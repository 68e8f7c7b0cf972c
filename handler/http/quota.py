"""What is left of a caller's budget, as headers that clients know.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ (version 10)
"""

from __future__ import annotations

import math
from typing import Final

from handler.answer import Quota

HEADERS: Final = ("ratelimit", "ratelimit-policy")
POLICY: Final = "cost-per-minute"
WINDOW_S: Final = 60


def quota_headers(quota: Quota) -> dict[str, str]:
    """``r``: what is left, in the units of cost; ``t``: seconds until all of it is there again.

    >>> quota_headers(Quota(limit=600, used=90))
    {'ratelimit-policy': '"cost-per-minute";q=600;w=60', 'ratelimit': '"cost-per-minute";r=510;t=9'}
    """
    left = max(quota.limit - quota.used, 0)
    full_s = math.ceil(min(quota.used, quota.limit) * WINDOW_S / quota.limit)
    return {
        "ratelimit-policy": f'"{POLICY}";q={quota.limit};w={WINDOW_S}',
        "ratelimit": f'"{POLICY}";r={left};t={full_s}',
    }
