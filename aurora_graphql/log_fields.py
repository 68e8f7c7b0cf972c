"""``python -m aurora_graphql.log_fields`` prints docs/log.md: what stands in the log."""

from __future__ import annotations

from handler.observe.contract import NAMESPACE, OF_OPERATION, OPERATIONS_MAX, OTHERS
from handler.observe.fields import REQUEST_FIELDS

_BEFORE = """# The log

The function writes one JSON object a line to its standard output, which Lambda takes to CloudWatch
Logs. `LOG_LEVEL` says which are written. No line holds a document, a variable, a literal, a row, a
token or a person.

| message | level | when |
|---|---|---|
| `request` | INFO | a request has been answered |
| `failure` | ERROR | something broke of which the caller learns nothing but the request's id |
| `warning` | WARNING | something that whoever runs the function should mend |
| `refused` | INFO | the authorizer has not let a caller in |
| `issuer` | WARNING | an issuer of tokens did not give its keys |
| `access` | INFO | an ASGI server has answered a request; on AWS, see API Gateway |
| `operation` | INFO | what an operation uses of the schema, once for each environment |
| `statement` | DEBUG | a statement of a request: its field, table, rows and milliseconds |
| `metrics` | INFO | counts of a request, where `LOG_LEVEL` holds back its line |

## One line for each request

| field | what it says |
|---|---|"""

_BEHIND = f"""
Metrics stand beside these fields where the function runs in Lambda, under `_aws`. What a line costs
is [measured](performance.md#what-the-log-costs): about 2 % of the smallest request.

## Metrics of operations

Operations that `OPERATION_METRICS` lists, by a stack's setting `apiOperationMetrics`, have metrics
of their own in CloudWatch, by the dimensions `FunctionName` and `Operation` in the namespace
`{NAMESPACE}`; at most {OPERATIONS_MAX} can be listed. All other requests count together as
`{OTHERS}`, those among them whose document was refused. Clients choose names of operations, so one
that is not listed never makes a metric; who sends another document by a listed name is counted by
it, unless only saved operations are answered ([persisted.md](persisted.md)).

| metric | of a request |
|---|---|
| `Latency` | `durationMs`; the number of its samples is that of requests |
| `Errors` | 1 where the line has `codes`, else 0 |
| `Statements`, `Rows`, `Cost` | as in the line |
| `HitRate` | 100 from the response cache, 0 if made; absent where `cache` is `off` |

CloudWatch charges for each metric in each hour in which it has values: with N names
(N + 1) x {len(OF_OPERATION)} x $0.30 in a month of traffic, and for 0.4 KB more of log for each
request. `make preview` has it in its bill. None is listed by default.

## The same request elsewhere

Every statement begins with a comment, `SELECT /* Orders 0f21b7c9aa31 */ ...`: the operation's name
and the first 12 characters of `operationHash`. Performance Insights, the slow log and
`SHOW FULL PROCESSLIST` show it; digests of statements leave it out, so statements of one shape stay
one. API Gateway's access log has `requestId`, Lambda's `REPORT` lines have `invocationId`, X-Ray
has `traceId`.

## What clients use

A line `operation` says once for each environment what an operation uses of the schema: fields,
arguments, members of inputs and enum values, by coordinates such as `Query.orders(first:)`. Lines
of requests name the operation by the same `operationHash`, so the log knows who uses what, at the
cost of one line for each operation and environment. Where a variable brings an input object, all
members of its type count.

```sh
aurora-graphql usage request.log --unused --save usage.json  # lines of the log, or - for stdin
aurora-graphql usage --log-group /aws/lambda/shop --hours 168
aurora-graphql schema diff main --usage usage.json           # whom each breaking change meets
```

CloudWatch is read by boto3, with the right `logs:FilterLogEvents`.

The report counts calls by client (`apollographql-client-name`, `graphql-client-name`) and marks
what is deprecated, `--deprecated` shows nothing else, `--unused` lists the fields that nobody asked
for.

```sh
aurora-graphql usage --log-group /aws/lambda/shop --hours 1 --format hive > reports
while read -r report; do
  printf %s "$report" | curl --fail -H "Authorization: Bearer $HIVE_TOKEN" --data-binary @- \\
      -H 'X-Usage-API-Version: 2' -H 'Content-Type: application/json' \\
      "https://app.graphql-hive.com/usage/$TARGET"
done < reports
```

For [Hive](https://the-guild.dev/graphql/hive) it writes usage reports (version 2), one a line. Hive
wants the text of each operation, which the log does not hold: reported are those that are saved in
the folder `operations` of the SDL ([persisted.md](persisted.md)); how many others there were, it
says. `errorsTotal` is the number of kinds of errors in the line, five at most. Checked against
Hive's published schema, not sent to a real registry.

## Traces

With `TRACING` a request is a trace: a span for reading and checking its document, for its plan, for
each statement (the operation's name, table, text with placeholders, rows), for the response cache,
for Python resolvers and for writing the answer. Names and attributes are those of OpenTelemetry's
conventions for databases and GraphQL, and those of our own begin with `aurora.`; no value of a
caller or a row is among them.

- `xray`: a stack with `apiTracing` sets it. The spans are subsegments of the segment that Lambda
  makes of an invocation, sent to its daemon by one datagram, which needs no library. Whether a
  request is sampled is decided where it comes in, by API Gateway. X-Ray's price is by traces, so
  the spans cost nothing more.
- `opentelemetry`: needs the packages `opentelemetry-sdk` and
  `opentelemetry-exporter-otlp-proto-http`, and sends to the collector of
  `OTEL_EXPORTER_OTLP_ENDPOINT`. The SDK's own variables configure it, a tracer provider that the
  program has set before is kept, and the caller's `traceparent` is followed with its decision to
  sample. Spans that a resolver makes hang below the request's.

Tested against a listener in the daemon's place and the real SDK with its in-memory exporter; not
run on AWS, nor against a vendor's collector."""


def format_page() -> str:
    """The page as docs/log.md shows it."""
    rows = [f"| `{name}` | {meaning} |" for name, meaning in REQUEST_FIELDS.items()]
    return "\n".join([_BEFORE, *rows, _BEHIND, ""])


if __name__ == "__main__":
    print(format_page(), end="")
