"""The yardstick of a cold start: a Lambda function for one query, written by hand.

It is configured as the API is in production: TLS to the database with the given authority alone, an
IAM token signed here, an answer kept in Redis, one line of log with metrics. It reads an event of
API Gateway and knows one document.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import ssl
import sys
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import aiomysql
import orjson
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, through
from redis.asyncio import Redis

_CONVERSIONS = {**conversions, FIELD_TYPE.NEWDECIMAL: through}
_JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
_LINE_TOTAL = "ROUND(i.quantity * i.unit_price * (1 - i.discount), 2)"
_ORDERS = f"""
SELECT o.order_id, o.order_ref, o.ordered_at, c.customer_id, c.name, c.country,
  (SELECT COALESCE(SUM({_LINE_TOTAL}), 0) FROM order_items i WHERE i.order_id = o.order_id)
FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id
ORDER BY o.ordered_at DESC, o.order_id DESC LIMIT %s"""
_ITEMS = f"""
SELECT i.order_id, i.order_item_id, i.quantity, i.unit_price, {_LINE_TOTAL},
  p.product_id, p.product_name
FROM order_items i JOIN products p ON p.product_id = i.product_id
WHERE i.order_id IN (%s) ORDER BY i.order_id, i.order_item_id"""

_loop = asyncio.new_event_loop()
_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_tls.load_verify_locations(os.environ["DATABASE_CA_FILE"])
_cache = Redis.from_url(os.environ["CACHE_URL"])
_pools: list[Any] = []  # one, once it is needed


def _token() -> str:
    """A login of IAM: a signed address."""
    host = f"{os.environ['DATABASE_HOST']}:{os.environ['DATABASE_PORT']}"
    at = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    scope = f"{at[:8]}/{os.environ['AWS_REGION']}/rds-db/aws4_request"
    query = {
        "Action": "connect",
        "DBUser": os.environ["DATABASE_USER"],
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}",
        "X-Amz-Date": at,
        "X-Amz-Expires": "900",
        "X-Amz-Security-Token": os.environ["AWS_SESSION_TOKEN"],
        "X-Amz-SignedHeaders": "host",
    }
    text = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
    empty = hashlib.sha256(b"").hexdigest()
    request = f"GET\n/\n{text}\nhost:{host}\n\nhost\n{empty}"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    wanted = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashed}"
    return f"{host}/?{text}&X-Amz-Signature={hmac.digest(key, wanted.encode(), 'sha256').hex()}"


async def _answer(first: int) -> bytes:
    key = f"orders:{first}"
    kept: Any = await _cache.get(key)
    if isinstance(kept, bytes):
        return kept
    if not _pools:
        pool = await aiomysql.create_pool(
            maxsize=4,
            host=os.environ["DATABASE_HOST"],
            port=int(os.environ["DATABASE_PORT"]),
            user=os.environ["DATABASE_USER"],
            password=_token(),
            db=os.environ["DATABASE_NAME"],
            charset="utf8mb4",
            autocommit=True,
            conv=_CONVERSIONS,
            ssl=_tls,
        )
        _pools.append(pool)
    async with _pools[0].acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(_ORDERS, (first + 1,))
        found = await cursor.fetchall()
        orders = found[:first]
        marks = ", ".join(["%s"] * len(orders))
        await cursor.execute(_ITEMS % marks, [row[0] for row in orders])
        lines = await cursor.fetchall()
    items: dict[str, list[dict[str, Any]]] = {row[0]: [] for row in orders}
    for order_id, number, quantity, unit_price, line_total, product_id, product_name in lines:
        items[order_id].append(
            {
                "orderItemId": str(number),
                "quantity": quantity,
                "unitPrice": unit_price,
                "lineTotal": line_total,
                "product": {"productId": product_id, "productName": product_name},
            }
        )
    nodes = [
        {
            "orderId": order_id,
            "orderRef": order_ref,
            "orderedAt": ordered_at,
            "customer": {"customerId": customer_id, "name": name, "country": country},
            "items": items[order_id],
            "total": total,
        }
        for order_id, order_ref, ordered_at, customer_id, name, country, total in orders
    ]
    last = orders[-1]
    cursor_text = urlsafe_b64encode(orjson.dumps([str(last[2]), last[0]])).decode()
    page = {"hasNextPage": len(found) > first, "endCursor": cursor_text}
    body = orjson.dumps({"data": {"orders": {"nodes": nodes, "pageInfo": page}}}, option=_JSON)
    await _cache.set(key, body, px=60_000)
    return body


def graphql(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one event of API Gateway."""
    started = time.perf_counter()
    request = orjson.loads(event["body"])
    body = _loop.run_until_complete(_answer(request["variables"]["first"]))
    line = {
        "level": "INFO",
        "requestId": event["requestContext"]["requestId"],
        "status": 200,
        "durationMs": (time.perf_counter() - started) * 1000,
        "CacheMisses": 1,
        "_aws": {
            "Timestamp": int(time.time() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": "handwritten",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "CacheMisses", "Unit": "Count"}],
                }
            ],
        },
        "FunctionName": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
    }
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": body.decode(), "isBase64Encoded": False}
