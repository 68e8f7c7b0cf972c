"""The stack's configuration: ``pulumi.Config`` -> ``StackSettings``. The only reader of it.

A field ``cidr`` of the section ``network`` is the key ``networkCidr``; the section ``general`` adds
nothing to its fields' names. Each section checks its own limits, ``StackSettings`` what two of them
must agree on. Every message names the key, the limit and what was received.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, get_args, get_origin

import pulumi

from components.api_settings import (
    API_TIMEOUT_S,
    ApiSettings,
    FunctionSettings,
    IngestSettings,
    MonitoringSettings,
)
from components.data_settings import (
    CacheSettings,
    DatabaseSettings,
    NetworkSettings,
    ProxySettings,
    check_data,
)
from components.limits import (
    KEY_DELETION_DAYS,
    check_identifier,
    check_pattern,
    check_range,
    setting_key,
)

__all__ = [
    "ApiSettings",
    "CacheSettings",
    "DatabaseSettings",
    "FunctionSettings",
    "GeneralSettings",
    "IngestSettings",
    "MonitoringSettings",
    "NetworkSettings",
    "ProxySettings",
    "StackSettings",
    "check_name",
    "declared_keys",
]

NAME_LIMIT: Final = 26
"""Characters of the stack's name. Bucket names, at most 63 with what is appended, decide it."""

UNRESERVED_CONCURRENCY: Final = 100
"""Executions that Lambda keeps for functions without a reservation.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

_TAG: Final = r"[\w .:/+@-]{1,128}=[\w .:/=+@-]{0,256}"

Section = TypeVar("Section")


@dataclass(frozen=True, kw_only=True)
class GeneralSettings:
    """What every part of the stack shares."""

    name: str = ""  # of everything in AWS; empty takes <project>-<stack>
    tags: tuple[str, ...] = ()  # key=value
    deletion_protection: bool = True  # `pulumi destroy` refuses what holds data
    key_deletion_days: int = 30  # a destroyed encryption key can be saved for this long
    policy_exceptions: tuple[str, ...] = ()  # ID ID at RESOURCES: reason; the preview reads them

    def __post_init__(self) -> None:
        if self.name:
            check_name(self.name)
        for tag in self.tags:
            check_pattern("tags", tag, _TAG, "a list of key=value, 128 and 256 characters at most")
            if tag.lower().startswith("aws:"):
                raise ValueError(f"tags must not begin with aws:, which AWS reserves, got {tag!r}")
        if len(self.tags) > 40:
            raise ValueError(
                f"tags must be at most 40 (AWS takes 50 with our own), got {len(self.tags)}"
            )
        keys = [tag.partition("=")[0] for tag in self.tags]
        if len(set(keys)) < len(keys):
            raise ValueError(f"tags must have different keys, got {keys}")
        check_range("keyDeletionDays", self.key_deletion_days, *KEY_DELETION_DAYS, "days")

    def tag_map(self) -> dict[str, str]:
        """``tags`` as AWS wants them."""
        pairs = (tag.partition("=") for tag in self.tags)
        return {key: value for key, _, value in pairs}


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """All of one stack's settings, checked against each other."""

    general: GeneralSettings = field(default_factory=GeneralSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    api: ApiSettings = field(default_factory=ApiSettings)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    ingest: IngestSettings = field(default_factory=IngestSettings)
    monitoring: MonitoringSettings = field(default_factory=MonitoringSettings)

    def __post_init__(self) -> None:
        self._check_proxy()
        self._check_reachability()
        self._check_concurrency()

    @classmethod
    def load(cls, config: pulumi.Config) -> StackSettings:
        """Read and check every key. Raises ``ValueError`` for the first that is wrong."""
        _refuse_unknown_keys(config)
        settings = cls(
            **{name: _load_section(config, name, section) for name, section in _sections()}
        )
        if settings.general.name:
            return settings
        full_name = f"{pulumi.get_project()}-{pulumi.get_stack()}"
        check_name(full_name)
        general = dataclasses.replace(settings.general, name=full_name)
        return dataclasses.replace(settings, general=general)

    def _check_proxy(self) -> None:
        check_data(self.database, self.proxy)
        if not self.proxy.enabled:
            return
        if self.proxy.borrow_timeout_s >= min(self.function.timeout_s, API_TIMEOUT_S):
            raise ValueError(
                "proxyBorrowTimeoutS must be less than functionTimeoutS "
                f"({self.function.timeout_s}), got {self.proxy.borrow_timeout_s}: the caller "
                "would be gone before the connection comes"
            )

    def _check_concurrency(self) -> None:
        quota, reserved = self.monitoring.account_concurrency, self.function.reserved_concurrency
        most = quota - UNRESERVED_CONCURRENCY
        if reserved > 0 and reserved > most:
            allowed = f"-1 or at most {most}" if most > 0 else "-1"
            raise ValueError(
                f"functionReservedConcurrency must be {allowed}, got {reserved}: Lambda "
                f"keeps {UNRESERVED_CONCURRENCY} of the account's quota unreserved, which is "
                f"monitoringAccountConcurrency ({quota})"
            )

    def _check_reachability(self) -> None:
        network = self.network
        if network.endpoint_security_group_id:
            endpoints: tuple[str, ...] = ("secretsmanager",)  # whoever owns the VPC sees to it
        else:
            endpoints = network.interface_endpoints
        if "secretsmanager" not in endpoints:
            raise ValueError(
                "networkInterfaceEndpoints must contain secretsmanager: the migration function "
                "reads the master secret from a subnet without a route out"
            )
        private = self.api.endpoint_type == "private"
        if private and not self.api.vpc_endpoint_ids and "execute-api" not in endpoints:
            raise ValueError(
                "networkInterfaceEndpoints must contain execute-api when apiEndpointType is "
                "private, or apiVpcEndpointIds name an endpoint: nobody could reach the API"
            )


@dataclass(frozen=True, kw_only=True)
class DeclaredKey:
    """One key as ``Pulumi.yaml`` declares it."""

    key: str
    kind: Literal["string", "integer", "boolean", "array"]
    default: str | int | bool | list[str]


def declared_keys() -> Iterator[DeclaredKey]:
    """Every configuration key, in order of sections and fields.

    Pulumi's project file knows no fractions, so that they are declared, and written, as strings.
    """
    for name, section in _sections():
        for key, setting, kind in _fields(name, section):
            default: Any = setting.default
            match kind:
                case "float":
                    yield DeclaredKey(key=key, kind="string", default=f"{default:g}")
                case "array":
                    yield DeclaredKey(key=key, kind="array", default=list(default))
                case "string" | "integer" | "boolean":
                    yield DeclaredKey(key=key, kind=kind, default=default)


_Kind = Literal["string", "integer", "boolean", "array", "float"]


_MEANINGS: Final[Mapping[_Kind, str]] = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list of texts, such as [one, two]",
    "float": "a number, in quotes where it has a fraction",
}


def _sections() -> Iterator[tuple[str, type[Any]]]:
    hints = typing.get_type_hints(StackSettings)
    for section in dataclasses.fields(StackSettings):
        yield section.name, hints[section.name]


def _fields(
    section_name: str, section: type[Any]
) -> Iterator[tuple[str, dataclasses.Field[Any], _Kind]]:
    """Key, field and kind of every setting of one section."""
    hints = typing.get_type_hints(section)
    prefix = "" if section_name == "general" else section_name
    for setting in dataclasses.fields(section):
        yield setting_key(prefix, setting.name), setting, _kind(hints[setting.name])


def _kind(hint: Any) -> _Kind:
    if get_origin(hint) is Literal:
        hint = type(get_args(hint)[0])
    kinds: Mapping[Any, _Kind] = {
        str: "string",
        int: "integer",
        bool: "boolean",
        float: "float",
        types.GenericAlias(tuple, (str, ...)): "array",
    }
    return kinds[hint]


def _load_section(config: pulumi.Config, name: str, section: type[Section]) -> Section:
    readers: Mapping[_Kind, Callable[[str], Any]] = {
        "string": config.get,
        "integer": config.get_int,
        "boolean": config.get_bool,
        "float": config.get_float,
        "array": lambda key: _get_strings(config, key),
    }
    values = {}
    for key, setting, kind in _fields(name, section):
        try:
            value = readers[kind](key)
        except pulumi.ConfigTypeError as error:
            raise ValueError(f"{key} must be {_MEANINGS[kind]}, got {config.get(key)!r}") from error
        if value is not None:
            values[setting.name] = value
    return section(**values)


def _get_strings(config: pulumi.Config, key: str) -> tuple[str, ...] | None:
    value = config.get_object(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key} must be {_MEANINGS['array']}, got {value!r}")
    return tuple(value)


def _refuse_unknown_keys(config: pulumi.Config) -> None:
    """Raise for a key that is not declared: it is a typing mistake, and would be ignored."""
    known = {declared.key for declared in declared_keys()}
    prefix = f"{config.name}:"
    given = {
        key.removeprefix(prefix)
        for key in pulumi.runtime.config.CONFIG.get()
        if key.startswith(prefix)
    }
    for key in sorted(given - known):
        raise ValueError(f"{prefix}{key} is no setting of this program; see Pulumi.yaml for all")


def check_name(name: str) -> None:
    """Raise ``ValueError`` unless everything in AWS may begin with ``name``."""
    check_identifier("name", name, NAME_LIMIT)
