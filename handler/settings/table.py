"""The table of the environment: every variable, where its value goes, and what may be written.

Reading goes by it, the errors quote it, and docs/settings.md is printed from it.
"""

from __future__ import annotations

from msgspec import Struct

from handler.access.trust import ALGORITHMS, LEEWAY_MAX_S
from handler.http.options import LAMBDA_RESPONSE_BYTES
from handler.language.limits import MAX_BRACKETS
from handler.settings.kinds import (
    Arn,
    CacheUrl,
    Choice,
    Database,
    File,
    Folder,
    Host,
    Kind,
    Module,
    Seconds,
    Switch,
    Text,
    Whole,
    WholeOrOff,
    Words,
)
from handler.stores.login import IAM, PASSWORD, SECRET

ERROR, HIDDEN = "error", "hidden"  # of FORBIDDEN_FIELDS
OFF, AUTOMATIC, SAFELIST = "off", "automatic", "safelist"  # of PERSISTED_QUERIES


class Variable(Struct, frozen=True, kw_only=True):
    """One line of the table. ``field`` is the path in ``Settings``; the default stands there."""

    name: str
    field: str
    kind: Kind
    meaning: str
    secret: bool = False

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.field == "database_url"


VARIABLES = (
    Variable(
        name="DATABASE_URL",
        field="database_url",
        kind=Database(),
        meaning="The database that answers; on AWS DATABASE_HOST stands for it.",
        secret=True,
    ),
    Variable(
        name="DATABASE_HOST",
        field="database_url.host",
        kind=Host(),
        meaning="The database instead of `DATABASE_URL`; DATABASE_NAME has to go with it.",
    ),
    Variable(
        name="DATABASE_PORT",
        field="database_url.port",
        kind=Whole(1, 65_535),
        meaning="The port of DATABASE_HOST and DATABASE_READER_HOST.",
    ),
    Variable(
        name="DATABASE_NAME",
        field="database_url.database",
        kind=Text("the name of a database"),
        meaning="The database on DATABASE_HOST.",
    ),
    Variable(
        name="DATABASE_USER",
        field="database_url.user",
        kind=Text("the name of an account"),
        meaning="The account that logs in by IAM; one that is read from a secret has its name"
        " there.",
    ),
    Variable(
        name="DATABASE_CA_FILE",
        field="database_url.ssl_ca",
        kind=File(),
        meaning="Certificates that the server's must be signed by. With it the connection is"
        " encrypted and the server's name is checked.",
    ),
    Variable(
        name="DATABASE_AUTH",
        field="database.auth",
        kind=Choice((PASSWORD, SECRET, IAM)),
        meaning="How to log in: by the password of DATABASE_URL, by a secret of Secrets Manager"
        " (migrate and ingest), or by a token of IAM.",
    ),
    Variable(
        name="DATABASE_SECRET_ARN",
        field="database.secret_arn",
        kind=Arn("secretsmanager"),
        meaning="The secret with `username` and `password` for DATABASE_AUTH secret.",
    ),
    Variable(
        name="DATABASE_READER_HOST",
        field="database.reader_host",
        kind=Host(),
        meaning="Where the API reads from, if that is another host.",
    ),
    Variable(
        name="DATABASE_MAY_PAUSE",
        field="database.may_pause",
        kind=Switch(),
        meaning="Whether the database sleeps while nobody asks it, as Aurora does with a least"
        " capacity of 0. A request then waits for it to wake for as long as the request may take,"
        " and the commands migrate and ingest for a minute.",
    ),
    Variable(
        name="DATABASE_API_USER",
        field="database.api_user",
        kind=Text("the name of an account"),
        meaning="The API's account; a migration that is to create another one is refused.",
    ),
    Variable(
        name="DATABASE_FORMER_API_USERS",
        field="database.former_api_users",
        kind=Words("names of accounts, separated by commas"),
        meaning="What the API's account was called for other ways to log in; a migration drops "
        "them that finds DATABASE_API_USER already there.",
    ),
    Variable(
        name="DATABASE_API_SECRET_ARN",
        field="database.api_secret_arn",
        kind=Arn("secretsmanager"),
        meaning="The secret with that account's password; without one it logs in by IAM.",
    ),
    Variable(
        name="CACHE_URL",
        field="cache_url",
        kind=CacheUrl(),
        meaning="The cache. Off, or without one, everything works and nothing is cached.",
        secret=True,
    ),
    Variable(
        name="CACHE_AUTH",
        field="cache.auth",
        kind=Choice((PASSWORD, IAM)),
        meaning="How to log in to the cache: as CACHE_URL says, or by a token of IAM.",
    ),
    Variable(
        name="CACHE_USER",
        field="cache.user",
        kind=Text("the name of a user"),
        meaning="The user that logs in to the cache by IAM.",
    ),
    Variable(
        name="CACHE_CA_FILE",
        field="cache.ca_file",
        kind=File(),
        meaning="Certificates that the cache's must be signed by, if CACHE_URL begins with"
        " `rediss://`. Without it those of the system count, which take 20 ms to load.",
    ),
    Variable(
        name="CACHE_CLUSTER",
        field="cache.is_cluster",
        kind=Switch(),
        meaning="Whether the cache speaks the protocol of Redis Cluster, as ElastiCache does.",
    ),
    Variable(
        name="CACHE_LOCAL_S",
        field="cache_local_s",
        kind=Seconds(0, 60),
        meaning="How long an environment gives a cached answer again without asking the cache. It"
        " hears of no write meanwhile, so answers are that much older; 0 is off.",
    ),
    Variable(
        name="AWS_REGION",
        field="aws.region",
        kind=Text("a region such as `eu-central-1`"),
        meaning="The region of database and cache, for IAM. Lambda sets it.",
    ),
    Variable(
        name="AWS_ACCESS_KEY_ID",
        field="aws.access_key_id",
        kind=Text("the identifier of an access key"),
        meaning="What IAM's tokens are signed with. Lambda sets it.",
    ),
    Variable(
        name="AWS_SECRET_ACCESS_KEY",
        field="aws.secret_access_key",
        kind=Text("the key itself"),
        meaning="Goes with AWS_ACCESS_KEY_ID.",
        secret=True,
    ),
    Variable(
        name="AWS_SESSION_TOKEN",
        field="aws.session_token",
        kind=Text("the token of a session"),
        meaning="Goes with AWS_ACCESS_KEY_ID.",
        secret=True,
    ),
    Variable(
        name="AWS_CONTAINER_CREDENTIALS_FULL_URI",
        field="aws.container_uri",
        kind=Text("an address of this machine"),
        meaning="Where such keys are fetched instead. Lambda sets it for SnapStart.",
    ),
    Variable(
        name="AWS_CONTAINER_AUTHORIZATION_TOKEN",
        field="aws.container_token",
        kind=Text("a token"),
        meaning="Goes with AWS_CONTAINER_CREDENTIALS_FULL_URI.",
        secret=True,
    ),
    Variable(
        name="STAGE",
        field="stage",
        kind=Text("a name"),
        meaning="The stack that this is, for logs.",
    ),
    Variable(
        name="AWS_LAMBDA_FUNCTION_NAME",
        field="function_name",
        kind=Text("a name"),
        meaning="The function that metrics belong to; without one there are none. Lambda sets it.",
    ),
    Variable(
        name="AUTH_ISSUERS",
        field="trust.issuers",
        kind=Words("addresses such as `https://login.example`, separated by commas"),
        meaning="OpenID Connect issuers whose tokens open the API, as `iss` in a token has them."
        " Where the keys are says the issuer, or an address after a bar:"
        " `https://login.example\\|https://login.example/keys`.",
    ),
    Variable(
        name="AUTH_AUDIENCE",
        field="trust.audience",
        kind=Words("names, separated by commas"),
        meaning="A token must be made for one of them: its `aud`, or its `client_id` if it is an"
        " access token of Cognito, which has no `aud`.",
    ),
    Variable(
        name="AUTH_ALGORITHMS",
        field="trust.algorithms",
        kind=Words("some of " + ", ".join(ALGORITHMS)),
        meaning="How a token may be signed.",
    ),
    Variable(
        name="AUTH_LEEWAY_S",
        field="trust.leeway_s",
        kind=Whole(0, LEEWAY_MAX_S),
        meaning="Seconds by which the clocks of issuer, authorizer and API may differ.",
    ),
    Variable(
        name="AUTH_SCOPE_CLAIMS",
        field="trust.scope_claims",
        kind=Words("names of claims, separated by commas"),
        meaning="Claims that hold scopes, as a list or separated by spaces; all are added up."
        " Auth0's `permissions` or Entra's `roles` can be named here.",
    ),
    Variable(
        name="AUTH_CLAIMS",
        field="trust.claims",
        kind=Words("names of claims, separated by commas"),
        meaning="Claims that the API gets to know: texts, whole numbers and booleans. Others are"
        " left out.",
    ),
    Variable(
        name="AUTH_ANONYMOUS",
        field="trust.anonymous",
        kind=Switch(),
        meaning="Whether a caller without a token is let in, without scopes.",
    ),
    Variable(
        name="AUTH_API_KEYS",
        field="trust.api_keys",
        kind=Words("`name=sha256 scope scope`, separated by commas"),
        meaning="Static keys, which are sent like tokens, by their hashes."
        " `python -m handler.access.api_keys NAME SCOPE...` makes one.",
        secret=True,
    ),
    Variable(
        name="AUTH",
        field="auth",
        kind=Switch(),
        meaning="Off lets everybody read everything, for development; refused on AWS.",
    ),
    Variable(
        name="FORBIDDEN_FIELDS",
        field="forbidden_fields",
        kind=Choice((ERROR, HIDDEN)),
        meaning="What a field is that the caller may not read: an `error` where it is asked for, or"
        " `hidden`, that is unknown to this caller, in introspection and suggestions as well.",
    ),
    Variable(
        name="CALLER_LIMITS",
        field="caller_limits.rows",
        kind=Words("`who limit=number limit=number`, separated by commas"),
        meaning="Limits of callers, under those of everybody. Who: `anonymous`, `token`, `api-key`"
        " or `scope:` and a scope. Limits: `depth`, `cost`, `page_size`, `cost_per_minute`; of"
        " several that apply to a caller the most generous one counts. See [limits.md](limits.md).",
    ),
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
        name="RESOLVERS",
        field="resolvers",
        kind=Module(),
        meaning="The module with the fields' Python resolvers; most APIs need none.",
    ),
    Variable(
        name="POOL_SIZE",
        field="pool_size",
        kind=Whole(1, 64),
        meaning="Connections to the database that one environment opens at most.",
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
        kind=Choice(("DEBUG", "INFO", "WARNING", "ERROR")),
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
        meaning="Its files, as `make package` puts them into the archive.",
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
