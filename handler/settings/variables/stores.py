"""Where the stores are and how to log in: database, cache, AWS."""

from __future__ import annotations

from handler.settings.kinds import (
    Arn,
    CacheUrl,
    Choice,
    Database,
    File,
    Host,
    Seconds,
    Switch,
    Text,
    Whole,
    Words,
)
from handler.settings.variables.variable import Variable
from handler.stores.login import IAM, PASSWORD, SECRET

STORES = (
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
        name="DATABASE_INGEST_USER",
        field="database.ingest_user",
        kind=Text("the name of an account"),
        meaning="The ingest's account; a migration that is to create another one is refused.",
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
)
