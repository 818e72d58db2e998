"""Where the HTTP server listens."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from models.settings import BatonSettings


class HttpSettings(BatonSettings):
    """Settings of the HTTP server: BATON_HTTP_HOST and BATON_HTTP_PORT."""

    model_config = SettingsConfigDict(env_prefix="BATON_HTTP_")

    #: loopback by default: the API reaches the network only when somebody says so
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
