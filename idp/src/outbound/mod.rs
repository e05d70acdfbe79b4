//! The only room of the portal that calls addresses which a client names (design §5, security.md 34): `jwks_uri`,
//! `sector_identifier_uri`, `backchannel_logout_uri`.
//!
//! `https` only, no redirects, no proxy, no private addresses, small and short. What an installation needs beyond
//! that, such as relying parties in a network of its own, is named in the section `outbound` of the configuration.

mod address;
mod lookup;
#[cfg(test)]
mod tests;

use std::{
    error::Error as _,
    net::IpAddr,
    sync::{Arc, Once},
    time::Duration,
};

use anyhow::Context as _;
use ipnet::IpNet;
use reqwest::{Certificate, Client, Response, StatusCode, header::CONTENT_TYPE, redirect};
use url::{Host, Url};

use crate::{config, web::error::source_chain};
use lookup::{CheckedLookup, ClosedAddress};
pub use lookup::{Lookup, SystemLookup};

/// Largest document that is read.
pub const MAX_DOCUMENT: usize = 64 * 1024;

/// Why an address is not called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("it is not an address")]
    Malformed,
    /// Not `https`, and the host is not one for which `http` is allowed.
    #[error("it is not an https address")]
    Scheme,
    /// It carries a name or a password.
    #[error("it carries credentials")]
    Credentials,
    /// A port of another service.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// It leads to an address that is not on the internet and that the configuration does not open.
    #[error("it leads to {0}, which is not allowed")]
    Address(IpAddr),
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The address is not called.
    #[error("the address is refused: {0}")]
    Refused(#[from] Refusal),
    /// No answer within the time.
    #[error("no answer in time")]
    TimedOut,
    /// No connection: unknown name, refused, broken TLS.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// Another status than 200; also a redirect, which is not followed.
    #[error("answered with status {}", .0.as_u16())]
    Status(StatusCode),
    /// Not a JSON document.
    #[error("the answer is not JSON")]
    NotJson,
    /// More than [`MAX_DOCUMENT`].
    #[error("the answer is larger than 64 KiB")]
    TooLarge,
}

/// Calls addresses that clients name. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    client: Client,
    allowed: Arc<[IpNet]>,
    plain_http: Arc<[String]>,
}

impl Outbound {
    /// Ready to call, with the name service of the machine.
    ///
    /// # Errors
    /// One line: the file of certificate authorities cannot be used, or the machine has none.
    pub fn new(config: &config::Outbound) -> anyhow::Result<Self> {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    /// Ready to call, with another name service.
    ///
    /// # Errors
    /// As [`Outbound::new`].
    pub fn with_lookup(config: &config::Outbound, lookup: Arc<dyn Lookup>) -> anyhow::Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only when the program has chosen a provider already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let allowed: Arc<[IpNet]> = config.allowed_networks.clone().into();
        let resolver = CheckedLookup { lookup, allowed: Arc::clone(&allowed) };
        let timeout = Duration::from_millis(config.timeout_ms);
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .dns_resolver(resolver)
            .tls_certs_merge(extra_authorities(config)?)
            .connect_timeout(timeout)
            .timeout(timeout)
            .pool_idle_timeout(Duration::from_secs(15))
            .user_agent("identity-portal")
            .build()
            .context("the client for outbound calls cannot be built")?;
        Ok(Self { client, allowed, plain_http: config.allow_http_to.clone().into() })
    }

    /// Checks all that can be told without asking the name service. For registration: what fails here will never be
    /// called.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check_address(&self, address: &str) -> Result<Url, Refusal> {
        let mut url = Url::parse(address).map_err(|_| Refusal::Malformed)?;
        let host = url.host().ok_or(Refusal::Malformed)?;
        let may_be_plain = self.plain_http.contains(&host.to_string());
        if url.scheme() != "https" && !(url.scheme() == "http" && may_be_plain) {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if port < 1024 && port != 80 && port != 443 {
            return Err(Refusal::Port(port));
        }
        // A literal address never reaches the name service, so it is checked here. However it was written (as one
        // number, octal, hexadecimal), the parser has made it plain.
        let literal = match host {
            Host::Ipv4(literal) => Some(IpAddr::V4(literal)),
            Host::Ipv6(literal) => Some(IpAddr::V6(literal)),
            Host::Domain(_) => None,
        };
        if let Some(closed) = literal.filter(|literal| !address::is_open(*literal, &self.allowed)) {
            return Err(Refusal::Address(closed));
        }
        url.set_fragment(None);
        Ok(url)
    }

    /// A JSON document of at most [`MAX_DOCUMENT`].
    ///
    /// # Errors
    /// [`OutboundError`]; any other status than 200 is one.
    pub async fn get(&self, address: &str) -> Result<Vec<u8>, OutboundError> {
        let request = self.client.get(self.check_address(address)?);
        let answer =
            request.header("Accept", "application/json").send().await.map_err(|e| failure(&e))?;
        if answer.status() != StatusCode::OK {
            return Err(OutboundError::Status(answer.status()));
        }
        if !is_json(&answer) {
            return Err(OutboundError::NotJson);
        }
        read(answer).await
    }

    /// Posts a form and tells the status of the answer, also of a redirect; nothing of its body is read.
    ///
    /// # Errors
    /// [`OutboundError`], never `Status`.
    pub async fn post_form(
        &self,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Result<StatusCode, OutboundError> {
        let request = self.client.post(self.check_address(address)?);
        let answer = request.form(fields).send().await.map_err(|error| failure(&error))?;
        Ok(answer.status())
    }
}

fn extra_authorities(config: &config::Outbound) -> anyhow::Result<Vec<Certificate>> {
    let Some(file) = &config.extra_ca_file else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let authorities = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    anyhow::ensure!(!authorities.is_empty(), "{} holds no certificate in PEM", file.display());
    Ok(authorities)
}

fn is_json(answer: &Response) -> bool {
    let line = answer.headers().get(CONTENT_TYPE).and_then(|line| line.to_str().ok());
    let kind = line.and_then(|line| line.split(';').next()).unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

async fn read(mut answer: Response) -> Result<Vec<u8>, OutboundError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + chunk.len() > MAX_DOCUMENT {
            return Err(OutboundError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn failure(error: &reqwest::Error) -> OutboundError {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(ClosedAddress(closed)) = cause.downcast_ref() {
            return Refusal::Address(*closed).into();
        }
        source = cause.source();
    }
    if error.is_timeout() {
        return OutboundError::TimedOut;
    }
    // Without the first link, which holds the address with its query.
    OutboundError::Unreachable(error.source().map(source_chain).unwrap_or_default())
}
