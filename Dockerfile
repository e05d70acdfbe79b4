# One image with the portal and the relying parties; docker-compose.yml picks the program.
FROM rust:1.94-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --workspace --bins

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data portal
COPY --from=build /source/target/release/idp /source/target/release/casper \
    /source/target/release/ssm-portal /source/target/release/astra /usr/local/bin/
USER portal
WORKDIR /data
EXPOSE 8080
CMD ["idp", "serve"]
