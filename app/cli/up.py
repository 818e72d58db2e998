"""`baton up`: the worker and the API for the configured orgs, in one command."""

import os
import time

from app.cli.connection import check_settings, migrated, wanted_orgs
from app.cli.output import say
from app.cli.ready import choose_port, http_settings
from app.cli.supervisor import Supervisor
from models.embedded import url_for
from models.settings import StoreSettings


def run_up(*, port: int | None) -> int:
    """Migrate, then run both until Ctrl-C or SIGTERM."""
    check_settings()
    wanted_orgs()
    settings, http = StoreSettings(), http_settings(port=port)
    listen_on = choose_port(http, explicit=True)
    try:
        with url_for(settings) as url:
            say(f"The database is at schema {migrated(url)}.")
            environment = {**os.environ, "BATON_HOME": str(settings.home), "BATON_DATABASE_URL": url}
            environment.pop("BATON_DATABASE_URL_FILE", None)
            with Supervisor(settings.home) as supervisor:
                supervisor.start("worker", ["worker"], environment=environment)
                supervisor.start(
                    "serve", ["serve", "--host", http.host, "--port", str(listen_on)], environment=environment
                )
                say(f"The worker and the API at http://{http.host}:{listen_on} are running. Ctrl-C stops both.")
                while True:
                    supervisor.check()
                    time.sleep(0.2)
    except KeyboardInterrupt:
        say("Stopped.")
    return 0
