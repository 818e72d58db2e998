# syntax=docker/dockerfile:1
# Baton in a container: the worker and the API of one org. Without BATON_DATABASE_URL the embedded PostgreSQL runs in it,
# with its data in the volume.

FROM python:3.11-slim AS build
RUN python -m venv /opt/baton
ENV PATH=/opt/baton/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
# The embedded PostgreSQL refuses to run as root, and nothing here needs it.
RUN useradd --system --uid 10001 --home-dir /var/lib/baton --shell /usr/sbin/nologin baton \
    && install --directory --owner=baton --mode=0700 /var/lib/baton
COPY --from=build /opt/baton /opt/baton
ENV PATH=/opt/baton/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BATON_HOME=/var/lib/baton \
    BATON_HTTP_HOST=0.0.0.0 \
    BATON_HTTP_PORT=8080
USER baton
WORKDIR /var/lib/baton
VOLUME /var/lib/baton
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
CMD ["baton", "up"]
