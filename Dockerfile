# syntax=docker/dockerfile:1
# The API as a container: uvicorn before the ASGI app. docs/containers.md says what of it has been run.
#
# SDL_DIR, operations and resolvers come from the folder that is built; settings come when it is
# started. Nothing secret is in a layer: DATABASE_URL, CACHE_URL and AUTH_* are environment.

FROM node:24-bookworm-slim AS graphiql
WORKDIR /build
COPY aurora_graphql/dev/browser/package.json aurora_graphql/dev/browser/package-lock.json aurora_graphql/dev/browser/.npmrc ./
RUN npm ci --no-progress
COPY aurora_graphql/dev/browser .
RUN node build.js /graphiql

FROM python:3.13-slim-bookworm AS packages
# Tartiflette, for Python resolvers, is published as source: its parser needs a compiler.
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends build-essential cmake \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/build.lock requirements/server.lock /requirements/
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv \
    && /venv/bin/pip install --quiet --no-deps --require-hashes -r /requirements/build.lock \
    && /venv/bin/pip install --quiet --no-deps --require-hashes --no-build-isolation -r /requirements/server.lock

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="aurora-graphql" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 api \
    && useradd --system --uid 10001 --gid api --no-create-home --shell /usr/sbin/nologin api
COPY --from=packages /venv /venv
COPY --from=graphiql /graphiql /srv/graphiql
WORKDIR /srv
COPY handler handler
COPY aurora_graphql aurora_graphql
COPY migrations migrations
COPY sdl sdl
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER api
EXPOSE 8000
# 401 is the answer of an API that asks everybody for a token: it is alive.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); raise SystemExit(c.getresponse().status not in (200, 401))"]
STOPSIGNAL SIGTERM
CMD ["uvicorn", "aurora_graphql.asgi:app", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "30"]
