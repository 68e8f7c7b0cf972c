"""ApiOnAurora: a whole stack in one component, from one project's folder and its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi

from components.api_tier import ApiTier, ApiTierArgs
from components.archive import Archive
from components.contract import HANDLER
from components.data_tier import DataTier, DataTierArgs
from components.encryption import Encryption, EncryptionArgs
from components.identity import once_loose
from components.limits import setting_key
from components.location import Location
from components.monitoring import Monitoring, MonitoringArgs
from components.naming import stack_tags
from components.network import Network, NetworkArgs
from components.outputs import declared, register
from components.settings import StackSettings, check_name


@dataclass(frozen=True, kw_only=True)
class ApiOnAuroraArgs:
    """A project and the settings of one of its stacks.

    ``folder`` is the project's: ``sdl``, ``migrations`` (None: the tables are made elsewhere),
    ``mappings`` (of the ingest) and the setting ``functionArchiveDirectory`` are paths in it, or
    absolute ones. ``stage`` is the stack's name, for logs.
    ``settings.general.name`` begins the names of everything in AWS; where it is empty, the name of
    the component does.
    """

    folder: Path
    stage: str
    settings: StackSettings = field(default_factory=StackSettings)
    sdl: Path = Path("sdl")
    migrations: Path | None = Path("migrations")
    mappings: Path = Path("data/mappings")
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_stack(
        cls,
        folder: Path,
        *,
        sdl: Path = Path("sdl"),
        migrations: Path | None = Path("migrations"),
        mappings: Path = Path("data/mappings"),
    ) -> ApiOnAuroraArgs:
        """Those of the stack that runs: its configuration, its name and the tags that follow.

        Raises ``ValueError`` for the first setting that is wrong.
        """
        stage = pulumi.get_stack()
        return cls(
            folder=folder,
            sdl=sdl,
            migrations=migrations,
            mappings=mappings,
            stage=stage,
            settings=StackSettings.load(pulumi.Config()),
            tags=stack_tags(project=pulumi.get_project(), stack=stage),
        )

    def load_archive(self) -> Archive:
        """The archive that was packed. Raises ``ArchiveError`` unless it fits the folders."""
        return Archive.load(
            self.folder / self.settings.function.archive_directory,
            sdl=self.folder / self.sdl,
            migrations=None if self.migrations is None else self.folder / self.migrations,
            mappings=self.folder / self.mappings,
            handler=HANDLER,
        )


class ApiOnAurora(pulumi.ComponentResource):
    """A GraphQL API on Aurora MySQL with all that it needs: key, network, data, API, monitoring.

    Outputs: ``url``, ``api_id``, ``curl`` (a line to try it), ``go_back`` (the beginning of the
    command that sends the traffic to an older version), ``dashboard_url`` (None without a
    dashboard), ``database_host`` and ``database_reader_host``, ``database_secret_arn`` of the
    cluster's administrator, ``database_tunnel`` (the command that opens a way to it, or None),
    ``ingest_bucket`` (None without ingest).

    Example, a whole ``__main__.py``::

        from pathlib import Path

        import pulumi

        from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs

        args = ApiOnAuroraArgs.of_stack(Path(__file__).parent)
        stack = ApiOnAurora(args.settings.general.name, args)
        for key, output in stack.exports().items():
            pulumi.export(key, output)
    """

    url: pulumi.Output[str]
    api_id: pulumi.Output[str]
    curl: pulumi.Output[str]
    go_back: pulumi.Output[str]
    dashboard_url: pulumi.Output[str] | None
    database_host: pulumi.Output[str]
    database_reader_host: pulumi.Output[str]
    database_secret_arn: pulumi.Output[str]
    database_tunnel: pulumi.Output[str] | None
    ingest_bucket: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: ApiOnAuroraArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aurora-graphql:index:ApiOnAurora", name, None, opts)
        settings, archive = args.settings, args.load_archive()
        identifier = settings.general.name or name
        check_name(identifier)
        location = Location.current(self)
        tags = {**args.tags, **settings.general.tag_map()}
        protect = settings.general.deletion_protection
        encryption = Encryption(
            f"{name}-encryption",
            EncryptionArgs(
                location=location,
                alias=identifier,
                users=("logs", *settings.monitoring.key_users),
                deletion_days=settings.general.key_deletion_days,
                tags=tags,
            ),
            once_loose("Encryption", self),
        )
        key_arn = encryption.key_arn
        network = Network(
            f"{name}-network",
            NetworkArgs(location=location, key_arn=key_arn, settings=settings.network, tags=tags),
            once_loose("Network", self),
        )
        data = DataTier(
            f"{name}-data",
            DataTierArgs(
                location=location,
                identifier=identifier,
                network=network.access,
                key_arn=key_arn,
                database=settings.database,
                proxy=settings.proxy,
                cache=settings.cache,
                deletion_protection=protect,
                tags=tags,
            ),
            once_loose("DataTier", self),
        )
        api = ApiTier(
            f"{name}-api",
            ApiTierArgs(
                location=location,
                archive=archive,
                stage=args.stage,
                key_arn=key_arn,
                network=network.access,
                database=data.access,
                cache=data.cache,
                api=settings.api,
                function=settings.function,
                ingest=settings.ingest,
                protect=protect,
                tags=tags,
            ),
            once_loose("ApiTier", self),
        )
        monitoring = Monitoring(
            f"{name}-monitoring",
            MonitoringArgs(
                location=location,
                settings=settings.monitoring,
                key_arn=key_arn,
                namespace=identifier,
                api=api.watched,
                data=data.watched,
                protect=protect,
                tags=tags,
            ),
            once_loose("Monitoring", self),
        )
        self.url, self.api_id, self.curl = api.url, api.api_id, api.curl
        self.go_back = api.go_back
        self.dashboard_url = monitoring.dashboard_url
        self.database_host = pulumi.Output.from_input(data.access.host)
        self.database_reader_host = pulumi.Output.from_input(data.access.reader_host)
        self.database_secret_arn = pulumi.Output.from_input(data.access.master_secret_arn)
        self.database_tunnel = data.tunnel
        self.ingest_bucket = api.bucket_name
        register(self)

    def exports(self) -> dict[str, pulumi.Output[str] | None]:
        """The outputs by the names under which a program exports them."""
        return {setting_key("", name): getattr(self, name) for name in declared(self)}
