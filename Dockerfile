# loracheck and nothing else: no root, nothing written, no network. `docker build -t loracheck .`, then
# docker run --rm --read-only --network none -v "$PWD:/work:ro" loracheck check configs
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
ARG EXTRA=lsp,policies
RUN python -m venv /opt/loracheck && /opt/loracheck/bin/pip install --no-cache-dir ".[$EXTRA]"

FROM python:3.12-slim
COPY --from=build /opt/loracheck /opt/loracheck
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin loracheck
ENV PATH=/opt/loracheck/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /work
ENTRYPOINT ["loracheck"]
CMD ["check"]
