"""What can be configured, read from the environment and from baton.toml, with errors that name the variable.

A setting BATON_X is also the key `x` in ./baton.toml or, without that file, in BATON_HOME/baton.toml. The environment
wins. A secret can be given as a file instead: BATON_X_FILE, or the key `x_file`.
"""

import os
import re
import tomllib
import typing
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Self

from platformdirs import user_data_dir
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

_PREFIX = "BATON_"
_FILE_NAME = "baton.toml"
#: 32 bytes in the alphabet that is safe in addresses
_SECRET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
#: the key of baton.toml that holds one table per org
_ORGS = "orgs"
#: whether only what is given counts: the credentials of one org are never filled up with those of another
_alone: ContextVar[bool] = ContextVar("alone", default=False)


class SettingsError(ValueError):
    """A setting can't be used; the message names it and never shows a secret."""

    code = "settings_error"

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class BatonSettings(BaseSettings):
    """Settings of one layer: frozen, from the environment first, then from baton.toml."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    def __init__(self, **values: Any) -> None:
        """Read the settings; `values` win over everything that is configured.

        Raises SettingsError when a value is malformed, missing or given twice.
        """
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(_one_line(type(self), error)) from None

    @classmethod
    def of_table(cls, table: Mapping[str, Any], *, alone: bool) -> Self:
        """Read the settings from a table of baton.toml; `alone`, what it does not say is as by default.

        Without `alone` it is as everywhere: from the environment and the rest of the file.
        """
        path = settings_file()
        token = _alone.set(alone)
        try:
            return cls(**_Named(cls, _variables(table), folder=path.parent if path else None)())
        finally:
            _alone.reset(token)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings passes all four
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - see above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the places a setting may come from; the first one that has it wins."""
        if _alone.get():
            return (init_settings,)
        environment = {name.upper(): value for name, value in os.environ.items() if value}
        path = settings_file()
        return (
            init_settings,
            env_settings,
            _Named(settings_cls, environment, folder=None, only_files=True),
            _Named(settings_cls, _keys(path), folder=path.parent if path else None),
        )


def _default_home() -> Path:
    return Path(user_data_dir("baton"))


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _keys_that_fit(keys: SecretStr | None) -> SecretStr | None:
    for key in (keys.get_secret_value() if keys else "").split(","):
        if key.strip() and not _SECRET_KEY.fullmatch(key.strip()):
            raise ValueError("a key is 32 random bytes as 44 letters; make one with: baton secret-key")
    return keys


class StoreSettings(BatonSettings):
    """Where the store is: BATON_HOME for everything Baton keeps on this machine, BATON_DATABASE_URL for a database."""

    #: directory of the embedded database, logs and locks
    home: Annotated[Path, AfterValidator(_absolute)] = Field(default_factory=_default_home)
    #: a PostgreSQL 15 or newer; without it an embedded one runs under BATON_HOME. A secret, as it may hold a password
    database_url: SecretStr | None = None
    #: with which secrets at rest are sealed, comma-separated; the first seals, all of them open
    secret_keys: Annotated[SecretStr | None, AfterValidator(_keys_that_fit)] = None


def settings_file() -> Path | None:
    """Return the baton.toml in force: the one of this directory, else the one of BATON_HOME, else None."""
    home = Path(os.environ.get("BATON_HOME") or _default_home()).expanduser()
    return next((path for path in (Path.cwd() / _FILE_NAME, home / _FILE_NAME) if path.is_file()), None)


def org_tables() -> list[dict[str, Any]]:
    """Return the `[[orgs]]` of the baton.toml in force, as they are written there."""
    tables = _content(settings_file()).get(_ORGS, [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise SettingsError(f"{settings_file()}: orgs must be tables; begin each org with a line [[orgs]]")
    return tables


def refuse_unknown_keys(
    classes: Iterable[type[BaseSettings]], *, of_an_org: Iterable[type[BaseSettings]] = (), extra: Iterable[str] = ()
) -> None:
    """Refuse a baton.toml with a key that none of the settings classes reads, as a misspelt key is silent otherwise.

    `of_an_org` are the classes that an `[[orgs]]` table may speak to, `extra` what else it may say. The SettingsError
    names the key and the file.
    """
    path = settings_file()
    _refuse(path, _keys(path), classes)
    for table in org_tables():
        _refuse(path, {name: value for name, value in _variables(table).items() if name not in extra}, of_an_org)


def _refuse(path: Path | None, keys: Mapping[str, Any], classes: Iterable[type[BaseSettings]]) -> None:
    known = {
        name
        for each in classes
        for field_name, field in each.model_fields.items()
        for name in (_variable(each, field_name), *([_variable(each, field_name) + "_FILE"] if _secret(field) else []))
    }
    unknown = sorted(name.removeprefix(_PREFIX).lower() for name in keys if name not in known)
    if unknown:
        raise SettingsError(f"{path}: no setting is called {', '.join(unknown)}; correct or remove it")


class _Named(PydanticBaseSettingsSource):
    """Values by variable name, secrets given as files, and paths relative to the file that names them."""

    def __init__(
        self,
        settings_cls: type[BaseSettings],
        values: Mapping[str, Any],
        *,
        folder: Path | None,
        only_files: bool = False,
    ) -> None:
        super().__init__(settings_cls)
        self._values = values
        self._folder = folder
        self._only_files = only_files

    def __call__(self) -> dict[str, Any]:
        found = {}
        for field_name, field in self.settings_cls.model_fields.items():
            value, _, _ = self.get_field_value(field, field_name)
            if value is not None:
                found[field_name] = value
        return found

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = _variable(self.settings_cls, field_name)
        value = self._values.get(name)
        path = self._values.get(f"{name}_FILE") if _secret(field) else None
        if path is not None and value is not None:
            raise SettingsError(f"{name} and {name}_FILE are both set; remove one of them")
        if path is not None:
            return self._content(name, self._beside(str(path))), field_name, False
        if self._only_files or value is None:
            return None, field_name, False
        if self._folder is not None and isinstance(value, str) and Path in _kinds(field):
            value = str(self._beside(value))
        return value, field_name, False

    def _beside(self, path: str) -> Path:
        return (self._folder or Path.cwd()) / Path(path).expanduser()

    def _content(self, name: str, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise SettingsError(
                f"{name}_FILE: {path} can't be read ({reason}); correct the path or its rights"
            ) from None


def _keys(path: Path | None) -> dict[str, Any]:
    """The keys of a baton.toml by variable name, without those of single orgs."""
    return {name: value for name, value in _variables(_content(path)).items() if name != _PREFIX + _ORGS.upper()}


def _variables(table: Mapping[str, Any]) -> dict[str, Any]:
    return {_PREFIX + key.upper(): value for key, value in table.items()}


def _content(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path}: it can't be read as TOML ({error}); correct it") from None


def _variable(settings: type[BaseSettings], field_name: str) -> str:
    return (settings.model_config.get("env_prefix", "") + field_name).upper()


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    return (field.annotation, *typing.get_args(field.annotation))


def _secret(field: FieldInfo) -> bool:
    return SecretStr in _kinds(field)


def _one_line(settings: type[BaseSettings], error: ValidationError) -> str:
    parts = []
    for each in error.errors(include_url=False):
        field_name = str(each["loc"][0]) if each["loc"] else ""
        field = settings.model_fields.get(field_name)
        name = _variable(settings, field_name) if field is not None else "settings"
        why = each["msg"][:1].lower() + each["msg"][1:]
        shown = "" if field is None or _secret(field) or each["type"] == "missing" else f" {str(each['input'])!r}:"
        path = settings_file()
        origin = "" if os.environ.get(name) or name not in _keys(path) else f" (in {path})"
        parts.append(f"{name}{origin}:{shown} {why}")
    return "; ".join(parts) + "; correct it in the environment or in baton.toml"
