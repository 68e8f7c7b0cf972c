"""What is served, and the limits of one request."""

from __future__ import annotations

from handler.http.options import LAMBDA_RESPONSE_BYTES
from handler.language.limits import MAX_BRACKETS
from handler.observe.contract import LOG_LEVELS, OF_OPERATION, OPERATION_NAME, OPERATIONS_MAX
from handler.settings.kinds import (
    Choice,
    Folder,
    Module,
    Names,
    Seconds,
    Switch,
    Text,
    Whole,
    WholeOrOff,
    Words,
)
from handler.settings.variables.variable import (
    AUTOMATIC,
    OFF,
    OPENTELEMETRY,
    SAFELIST,
    XRAY,
    Variable,
)

REQUESTS = (
    Variable(
        name="SDL_DIR",
        field="sdl_dir",
        kind=Folder(),
        meaning="The `*.graphql` files that describe the API.",
    ),
    Variable(
        name="MIGRATIONS_DIR",
        field="migrations_dir",
        kind=Folder(),
        meaning="The `NNNN_verb_noun.sql` files that `python -m handler.jobs.migrate` applies.",
    ),
    Variable(
        name="INGEST_MAPPINGS_DIR",
        field="ingest_mappings_dir",
        kind=Folder(),
        meaning="The `*.toml` files that say which columns of an input feed which tables;"
        " `default.toml` is for an input that names none.",
    ),
    Variable(
        name="RESOLVERS",
        field="resolvers",
        kind=Module(),
        meaning="The module with the fields' Python resolvers; most APIs need none.",
    ),
    Variable(
        name="POOL_SIZE",
        field="pool_size",
        kind=Whole(1, 64),
        meaning="Connections to the database that one environment opens at most; likewise one"
        " process of the ASGI app, which answers many requests at once.",
    ),
    Variable(
        name="PAGE_SIZE",
        field="page_size",
        kind=Whole(1, 10_000),
        meaning="Rows of a page when `first` and `last` are absent.",
    ),
    Variable(
        name="PAGE_SIZE_MAX",
        field="page_size_max",
        kind=Whole(1, 10_000),
        meaning="The largest `first` or `last`; more is an error.",
    ),
    Variable(
        name="LIST_MAX",
        field="list_max",
        kind=Whole(1, 100_000),
        meaning="Rows of one plain list; a longer one is an error, never cut silently.",
    ),
    Variable(
        name="REQUEST_TIMEOUT_S",
        field="request_timeout_s",
        kind=Seconds(0.1, 900),
        meaning="Time for one request, if the Lambda context leaves that much.",
    ),
    Variable(
        name="REQUEST_ROWS_MAX",
        field="request_rows_max",
        kind=Whole(1, 1_000_000),
        meaning="Rows that one request may read, by all its statements; more ends it.",
    ),
    Variable(
        name="REQUEST_BYTES_MAX",
        field="request_bytes_max",
        kind=Whole(10_000, 100_000_000),
        meaning="Bytes of rows that one request may read, as memory holds them, and bytes of JSON"
        " that it may write, before they are compressed; more ends it. Memory grows with it, see"
        " [limits.md](limits.md).",
    ),
    Variable(
        name="LOG_LEVEL",
        field="log_level",
        kind=Choice(LOG_LEVELS),
        meaning="The least severe log line that is written.",
    ),
    Variable(
        name="LOG_TRACEBACKS",
        field="log_tracebacks",
        kind=Switch(),
        meaning="Whether failures are logged with their whole text and traceback, which may repeat"
        " values of callers and rows: for a developer's machine; refused on AWS.",
    ),
    Variable(
        name="OPERATION_METRICS",
        field="operation_metrics",
        kind=Names(OPERATIONS_MAX, OPERATION_NAME),
        meaning="Operations with metrics of their own in CloudWatch; all others have them together,"
        f" as one more. Each has {len(OF_OPERATION)}, for which AWS charges $0.30 a month apiece:"
        f" N names cost (N + 1) x {len(OF_OPERATION)} x $0.30, none cost nothing. A stack sets it"
        " by `apiOperationMetrics`. See [log.md](log.md#metrics-of-operations).",
    ),
    Variable(
        name="TRACING",
        field="tracing",
        kind=Choice((OFF, XRAY, OPENTELEMETRY)),
        meaning="Where the spans of a request go: nowhere, to the X-Ray daemon that Lambda runs, or"
        " by the packages of OpenTelemetry, if they are installed, to any collector. See"
        " [log.md](log.md).",
    ),
    Variable(
        name="AWS_XRAY_DAEMON_ADDRESS",
        field="xray_address",
        kind=Text("a host and a port, as `127.0.0.1:2000`"),
        meaning="The daemon, where TRACING is `xray`. Lambda sets it.",
    ),
    Variable(
        name="INTROSPECTION",
        field="introspection",
        kind=Switch(),
        meaning=(
            "Whether `__schema` and `__type` are answered, and messages name what of the schema a"
            " request does not: types, arguments, suggestions for misspelt names."
        ),
    ),
    Variable(
        name="PERSISTED_QUERIES",
        field="persisted_queries",
        kind=Choice((OFF, AUTOMATIC, SAFELIST)),
        meaning="Whether documents may be sent by their hash: not at all, once they were sent with"
        " it, or only those in the folder `operations` of SDL_DIR, and then no others run. See"
        " [persisted.md](persisted.md).",
    ),
    Variable(
        name="DOCUMENT_CHARACTERS_MAX",
        field="limits.characters",
        kind=Whole(1, 1_000_000),
        meaning="Characters of one document.",
    ),
    Variable(
        name="DOCUMENT_TOKENS_MAX",
        field="limits.tokens",
        kind=Whole(1, 100_000),
        meaning="Tokens of one document.",
    ),
    Variable(
        name="DOCUMENT_BRACKETS_MAX",
        field="limits.brackets",
        kind=Whole(1, MAX_BRACKETS),
        meaning="Nesting of brackets of any kind.",
    ),
    Variable(
        name="DOCUMENT_DEPTH_MAX",
        field="limits.depth",
        kind=Whole(1, 100),
        meaning="Nesting of fields, fragments followed; `__schema` and `__type` have their own.",
    ),
    Variable(
        name="DOCUMENT_ALIASES_MAX",
        field="limits.aliases",
        kind=Whole(1, 10_000),
        meaning="Aliases in one document.",
    ),
    Variable(
        name="DOCUMENT_DIRECTIVES_MAX",
        field="limits.directives",
        kind=Whole(1, 10_000),
        meaning="Directives in one document.",
    ),
    Variable(
        name="DOCUMENT_ROOT_FIELDS_MAX",
        field="limits.root_fields",
        kind=Whole(1, 1_000),
        meaning="Root fields of one operation.",
    ),
    Variable(
        name="DOCUMENT_FIELDS_MAX",
        field="limits.fields",
        kind=Whole(1, 100_000),
        meaning="Fields of one operation, those of a fragment each time it is spread.",
    ),
    Variable(
        name="FILTER_DEPTH_MAX",
        field="limits.filter_depth",
        kind=Whole(0, 10),
        meaning="Relations that one filter input follows into one another.",
    ),
    Variable(
        name="FILTER_TERMS_MAX",
        field="limits.filter_terms",
        kind=Whole(1, 10_000),
        meaning="Comparisons and relations of one filter input.",
    ),
    Variable(
        name="DOCUMENT_INTROSPECTION_DEPTH_MAX",
        field="limits.introspection_depth",
        kind=Whole(1, 100),
        meaning="Nesting of fields in `__schema` and `__type`, which no other limit of depth or"
        " cost counts; the query that tools send has 15.",
    ),
    Variable(
        name="DOCUMENT_INTROSPECTION_LISTS_MAX",
        field="limits.introspection_lists",
        kind=Whole(1, 20),
        meaning="Lists of types or fields inside one another, in `__schema`.",
    ),
    Variable(
        name="DOCUMENT_MERGE_STEPS_MAX",
        field="limits.merge_steps",
        kind=Whole(1, 10_000_000),
        meaning="Fields looked at while proving that selections can be merged.",
    ),
    Variable(
        name="DOCUMENT_ERRORS_MAX",
        field="limits.errors",
        kind=Whole(1, 1_000),
        meaning="Errors of validation that are looked for in one document.",
    ),
    Variable(
        name="DOCUMENT_COST_MAX",
        field="limits.cost",
        kind=Whole(1, 10_000_000),
        meaning="Static cost of one operation.",
    ),
    Variable(
        name="GRAPHIQL",
        field="http.graphiql",
        kind=Switch(),
        meaning="Whether a browser that opens the API gets GraphiQL; it needs INTROSPECTION, too.",
    ),
    Variable(
        name="GRAPHIQL_DIR",
        field="http.graphiql_dir",
        kind=Text("a folder"),
        meaning="Its files, as `aurora-graphql package` puts them into the archive.",
    ),
    Variable(
        name="CORS_ORIGINS",
        field="http.cors_origins",
        kind=Words("origins such as `https://shop.example`, separated by commas, or `*`"),
        meaning="Origins whose pages may read answers; none by default.",
    ),
    Variable(
        name="CORS_HEADERS",
        field="http.cors_headers",
        kind=Words("names of headers, separated by commas"),
        meaning="Headers that such pages may send.",
    ),
    Variable(
        name="CSRF_GUARD",
        field="http.csrf_guard",
        kind=Switch(),
        meaning="Whether a GET must show that it is no plain link; needed with cookies only.",
    ),
    Variable(
        name="BODY_BYTES_MAX",
        field="http.max_body_bytes",
        kind=Whole(1_024, 6_000_000),
        meaning="Bytes of a request's body.",
    ),
    Variable(
        name="JSON_DEPTH_MAX",
        field="http.max_json_depth",
        kind=Whole(2, 200),
        meaning="Nesting of variables and extensions.",
    ),
    Variable(
        name="ERRORS_MAX",
        field="http.max_errors",
        kind=Whole(1, 1_000),
        meaning="Errors in one answer, those of execution included.",
    ),
    Variable(
        name="GZIP_MIN_BYTES",
        field="http.gzip_min_bytes",
        kind=WholeOrOff(0, LAMBDA_RESPONSE_BYTES),
        meaning="Bytes from which on an answer is compressed for clients that accept gzip.",
    ),
    Variable(
        name="RESPONSE_BYTES_MAX",
        field="http.max_response_bytes",
        kind=Whole(10_000, LAMBDA_RESPONSE_BYTES),
        meaning="Bytes of a whole answer as Lambda counts them; a larger one is an error.",
    ),
)
