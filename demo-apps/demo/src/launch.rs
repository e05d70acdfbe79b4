//! Starting everything, in order: folder, ports, portal, data, relying parties.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context as _;
use axum::Router;
use axum_server::tls_rustls::RustlsConfig;
use idp::{
    App,
    administration::RegistrationPermit,
    config::{Config, Database, Keys, Outbound, Registration, Secrets, Server, Terms},
    entropy::{Entropy, SystemEntropy},
    jobs,
    secrets::ServerKeys,
    serve::{self, Parts},
    telemetry, web,
};
use relying_party::{Authentication, RelyingPartyConfig, SigningAlg};
use tokio::{net::TcpListener, task::JoinSet};
use url::Url;

use crate::{
    applications::{APPLICATIONS, DemoApplication},
    clock::DemoClock,
    data_folder::{DataFolder, State},
    entropy::FixedCode,
    extra_client, greeting,
    options::Options,
    outbox::Outbox,
    seed,
};

/// The public addresses, from scheme and first port.
pub(crate) struct Addresses {
    scheme: &'static str,
    base: u16,
}

impl Addresses {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            scheme: if options.tls.is_some() { "https" } else { "http" },
            base: options.port_base,
        }
    }

    /// Of the portal, also the issuer.
    pub(crate) fn portal(&self) -> String {
        self.at(0)
    }

    /// Of an application, where its program runs.
    pub(crate) fn of(&self, application: &DemoApplication) -> Option<String> {
        application.port.map(|offset| self.at(offset))
    }

    fn at(&self, offset: u16) -> String {
        format!("{}://localhost:{}", self.scheme, self.base.saturating_add(offset))
    }
}

/// Runs the demo until it is told to stop.
///
/// # Errors
/// One line: a folder that cannot be used, a port in use, a file that is not a client.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    telemetry::start("warn");
    let addresses = Addresses::new(&options);
    let listeners = listen(options.port_base).await?;
    let folder = DataFolder::open(&options.data, &addresses.portal(), options.reset)?;
    let clock = DemoClock::default();
    let outbox = Outbox::new(Arc::new(clock.clone()));
    let state = match folder.state() {
        Some(state) => state.clone(),
        None => folder.begin(&addresses.portal(), &SystemEntropy)?,
    };
    let app = Arc::new(build_portal(&options, &folder, &clock, &outbox).await?);
    if folder.state().is_none() {
        seed::fill(&app, &folder, &addresses, &state, &options.password)
            .await
            .context("demo data")?;
        folder.finish(&state)?;
    }
    register_extra_clients(&app, &options).await?;
    allow_registration(&app, &options).await?;
    jobs::start(&app);
    let mut portal = web::router(app).merge(outbox.router());
    if options.movable_clock {
        portal = portal.merge(clock.router());
    }
    let mut routers = vec![portal];
    routers.extend(relying_parties(&folder, &addresses, &state, &clock).await?);
    let tls = match options.tls.as_deref() {
        Some([cert, key]) => Some(load_tls(cert.clone(), key.clone()).await?),
        _ => None,
    };
    greeting::print(&addresses, &options)?;
    serve_all(listeners, routers, tls).await
}

/// Takes all ports before anything else is done, so that one in use is told at once.
async fn listen(base: u16) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    let last =
        APPLICATIONS.iter().filter_map(|application| application.port).max().unwrap_or_default();
    for offset in 0..=last {
        let port = base.saturating_add(offset);
        listeners.push(serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?);
    }
    Ok(listeners)
}

pub(crate) async fn build_portal(
    options: &Options,
    folder: &DataFolder,
    clock: &DemoClock,
    outbox: &Outbox,
) -> anyhow::Result<App> {
    let master_key_file = folder.file("master.key");
    let config = Config {
        server: Server {
            issuer: Addresses::new(options).portal(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, options.port_base)),
            trusted_proxies: Vec::new(),
        },
        database: Database {
            url: format!("sqlite://{}?mode=rwc", folder.file("portal.sqlite").display()),
            max_connections: 16,
        },
        secrets: Secrets { master_key_file: master_key_file.clone() },
        outbound: outbound_to_this_machine(options)?,
        registration: Registration { enabled: options.initial_access_token.is_some() },
        keys: Keys::default(),
        terms: Terms::default(),
    };
    let entropy: Arc<dyn Entropy> = match options.fixed_code {
        Some(code) => Arc::new(FixedCode(code)),
        None => Arc::new(SystemEntropy),
    };
    let parts = Parts {
        clock: Arc::new(clock.clone()),
        entropy,
        gateway: Arc::new(outbox.clone()),
        server_keys: Arc::new(ServerKeys::from_file(&master_key_file)?),
    };
    serve::build(&config, parts).await
}

/// The relying parties of the demo run on this machine, and without `--tls` on plain http.
fn outbound_to_this_machine(options: &Options) -> anyhow::Result<Outbound> {
    Ok(Outbound {
        allowed_networks: vec!["127.0.0.0/8".parse()?, "::1/128".parse()?],
        allow_http_to: vec!["localhost".to_owned()],
        extra_ca_file: options.tls.as_ref().and_then(|pair| pair.first().cloned()),
        ..Outbound::default()
    })
}

/// A thousand clients of CASPER, for a day.
async fn allow_registration(app: &App, options: &Options) -> anyhow::Result<()> {
    let Some(token) = &options.initial_access_token else {
        return Ok(());
    };
    if app.store.find_initial_access_token(&token.digest(), app.now()).await?.is_some() {
        return Ok(());
    }
    let application = app.store.find_application("CASPER").await?;
    let permit = RegistrationPermit {
        application: application.context("application CASPER")?,
        require_pkce: !options.registered_without_pkce,
        uses: 1000,
        expires_at: app.now().plus_seconds(24 * 3600),
    };
    Ok(seed::administration(app).allow_registration(token, &permit).await?)
}

async fn register_extra_clients(app: &App, options: &Options) -> anyhow::Result<()> {
    for file in &options.extra_clients {
        let client = extra_client::read(file)?;
        if app.store.find_client(&client.id).await?.is_none() {
            seed::administration(app)
                .register_client(&client)
                .await
                .with_context(|| file.display().to_string())?;
        } else {
            tracing::warn!(
                client = client.id,
                "registered before and left as it is; --reset registers it anew"
            );
        }
    }
    Ok(())
}

/// The programs behind the tiles, in the order of their ports.
async fn relying_parties(
    folder: &DataFolder,
    addresses: &Addresses,
    state: &State,
    clock: &DemoClock,
) -> anyhow::Result<Vec<Router>> {
    let mut routers = Vec::new();
    for application in APPLICATIONS.iter().filter(|application| application.port.is_some()) {
        let config = RelyingPartyConfig {
            clock: clock.for_relying_party(),
            ..relying_party_config(application, addresses, state)?
        };
        let database = folder.file(&format!("{}.sqlite", application.client_id));
        let router = match application.code {
            "CASPER" | "A-CASPER" => {
                let environment = seed::casper_environment(application);
                casper::app(casper::Config { relying_party: config, environment, database }).await?
            }
            "SSM-PORTAL" | "A-SSM-PORTAL" => {
                let environment = seed::ssm_environment(application);
                ssm_portal::app(ssm_portal::Config { relying_party: config, environment, database })
                    .await?
            }
            _ => astra::router(config)?,
        };
        routers.push(router);
    }
    Ok(routers)
}

fn relying_party_config(
    application: &DemoApplication,
    addresses: &Addresses,
    state: &State,
) -> anyhow::Result<RelyingPartyConfig> {
    let base = addresses.of(application).context("an application without a program")?;
    let authentication = Authentication::private_key(state.client_key(application.client_id)?);
    let mut config = RelyingPartyConfig::new(
        &addresses.portal(),
        application.client_id,
        authentication,
        Url::parse(&base)?,
    );
    config.pushed_authorization_requests = true;
    // The algorithm of `Client::new`.
    config.id_token_algs = vec![SigningAlg::Es256];
    Ok(config)
}

async fn load_tls(cert: PathBuf, key: PathBuf) -> anyhow::Result<RustlsConfig> {
    RustlsConfig::from_pem_file(&cert, &key).await.with_context(|| {
        format!("{} and {} are not a certificate and its key", cert.display(), key.display())
    })
}

/// Serves until the process is told to stop, or one server fails.
async fn serve_all(
    listeners: Vec<TcpListener>,
    routers: Vec<Router>,
    tls: Option<RustlsConfig>,
) -> anyhow::Result<()> {
    let mut servers = JoinSet::new();
    for (listener, router) in listeners.into_iter().zip(routers) {
        match tls.clone() {
            None => {
                servers.spawn(serve::run(listener, router));
            }
            Some(tls) => {
                let server = axum_server::from_tcp_rustls(listener.into_std()?, tls)?;
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                servers.spawn(async move {
                    tokio::select! {
                        ended = server.serve(service) => ended,
                        () = serve::stopped() => Ok(()),
                    }
                });
            }
        }
    }
    while let Some(ended) = servers.join_next().await {
        ended.context("a server was stopped")?.context("a server failed")?;
    }
    Ok(())
}
