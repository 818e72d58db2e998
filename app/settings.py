"""Where the HTTP server listens, and how often one caller may ask."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from models.settings import BatonSettings


class HttpSettings(BatonSettings):
    """Settings of the HTTP server: BATON_HTTP_HOST and the others."""

    model_config = SettingsConfigDict(env_prefix="BATON_HTTP_")

    #: loopback by default: the API reaches the network only when somebody says so
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    #: of one key in one process: a dashboard that reads a thousand rows per request never meets it
    requests_per_minute: int = Field(default=1200, ge=1)
