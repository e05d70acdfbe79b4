//! Building the program and serving it.

use std::{
    fs::File,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use axum::Router;
use oidc_core::discovery;
use portal_core::session::ACR_TWO_FACTOR;
use storage::{Store, StoreSettings};
use tokio::net::TcpListener;

use crate::{
    App,
    client_keys::ClientKeyCache,
    clock::Clock,
    config::{Config, Issuer},
    entropy::Entropy,
    notify::Gateway,
    outbound::Outbound,
    passwords::Passwords,
    secrets::{ColumnSealer, ServerKeys},
    signing::{self, KeyAdministration, Schedule},
    texts::Texts,
    web,
};

/// What the program is built from, beside its configuration.
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Delivery of codes and mails.
    pub gateway: Arc<dyn Gateway>,
    /// Keys derived from the master key.
    pub server_keys: Arc<ServerKeys>,
}

/// Opens the database, brings it up to date, loads the signing keys.
///
/// # Errors
/// What could not be opened, in one line.
pub async fn build(config: &Config, parts: Parts) -> anyhow::Result<App> {
    let sealer = ColumnSealer::new(Arc::clone(&parts.server_keys), Arc::clone(&parts.entropy));
    let settings = StoreSettings {
        url: config.database.url.clone(),
        max_connections: config.database.max_connections,
    };
    let store =
        Store::open(&settings, Arc::new(sealer)).await.context("the database cannot be opened")?;
    store.migrate().await.context("the database cannot be brought up to date")?;
    let now = parts.clock.now();
    let administration = KeyAdministration {
        store: &store,
        server_keys: &parts.server_keys,
        entropy: parts.entropy.as_ref(),
        now,
        reason: "start",
    };
    let keys = signing::Keys::load(&administration, Schedule::new(&config.keys)?)
        .await
        .context("the signing keys cannot be loaded")?;
    let issuer = Issuer::parse(&config.server.issuer)?;
    let metadata = discovery::metadata(&discovery::Provider {
        issuer: issuer.as_str(),
        endpoints: &web::oauth::endpoints(config.registration.enabled),
        assertion_algs: &keys::CLIENT_ALGORITHMS,
        acr_values: &[ACR_TWO_FACTOR],
        ui_locales: &Texts::LANGUAGES,
        terms: "/terms",
    });
    Ok(App {
        issuer,
        trusted_proxies: config.server.trusted_proxies.clone(),
        registration_is_open: config.registration.enabled,
        terms: config.terms.in_force(now)?,
        store,
        clock: parts.clock,
        entropy: parts.entropy,
        gateway: parts.gateway,
        passwords: Passwords::new()?,
        server_keys: parts.server_keys,
        keys,
        client_keys: ClientKeyCache::default(),
        outbound: Outbound::new(&config.outbound)?,
        metadata: metadata.to_string().into(),
    })
}

/// Listens on an address.
///
/// # Errors
/// One line that names the address, such as for a port in use.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Serves until the process is told to stop; requests under way are finished.
///
/// # Errors
/// The listener failed.
pub async fn run(listener: TcpListener, router: Router) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopped()).await
}

/// Returns when the process is told to stop, by SIGINT or SIGTERM.
pub async fn stopped() {
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// Held for as long as a process uses an embedded database: a second process is refused.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of a data folder.
    ///
    /// # Errors
    /// One line that names the folder: it is in use by another process, or it cannot be written.
    pub fn take(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file =
            file.with_context(|| format!("the data folder {} cannot be used", folder.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                anyhow::bail!("the data folder {} is in use by another process", folder.display())
            }
            Err(std::fs::TryLockError::Error(error)) => Err(error)
                .with_context(|| format!("the data folder {} cannot be locked", folder.display())),
        }
    }
}

/// The folder of an embedded database; `None` for a database server or one in memory.
pub fn data_folder(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite://")?.split('?').next()?;
    Path::new(path).parent().map(Path::to_path_buf)
}
