//! Configuration: one file, and every key also from the environment as `IDP__SECTION__KEY`. Unknown keys are errors.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use ipnet::IpNet;
use portal_core::{
    Timestamp,
    terms::{TermsInForce, Version},
};
use serde::Deserialize;
use url::Url;

use crate::signing::Schedule;

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens and what it is called.
    pub server: Server,
    /// Where data live.
    pub database: Database,
    /// Keys from outside the database.
    pub secrets: Secrets,
    /// Calls to addresses that clients name.
    #[serde(default)]
    pub outbound: Outbound,
    /// Clients that register themselves.
    #[serde(default)]
    pub registration: Registration,
    /// Signing keys.
    #[serde(default)]
    pub keys: Keys,
    /// Terms of use.
    #[serde(default)]
    pub terms: Terms,
}

/// Section `server`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Public address, and issuer: `https://…`, or `http://localhost…` for development.
    pub issuer: String,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// Section `database`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Most connections at once.
    #[serde(default = "default_connections")]
    pub max_connections: u32,
}

/// Section `secrets`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// File with the master key: 32 bytes in base64.
    pub master_key_file: PathBuf,
}

/// Section `outbound`. By default only public `https` addresses are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// Networks beyond the internet that may be called, such as that of the relying parties.
    pub allowed_networks: Vec<IpNet>,
    /// Hosts that may be called without TLS, as they stand in the address.
    pub allow_http_to: Vec<String>,
    /// File with certificates (PEM) of authorities that are trusted beside those of the machine.
    pub extra_ca_file: Option<PathBuf>,
    /// Milliseconds within which a call must be over.
    pub timeout_ms: u64,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            allowed_networks: Vec::new(),
            allow_http_to: Vec::new(),
            extra_ca_file: None,
            timeout_ms: 3000,
        }
    }
}

/// Section `keys`: how signing keys change.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Days that a key signs.
    pub rotate_every_days: u32,
    /// Minutes that a key is published before it signs.
    pub publish_ahead_minutes: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self { rotate_every_days: 90, publish_ahead_minutes: 60 }
    }
}

/// Section `terms`: the documents that people acknowledge (O16). The portal comes with both.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Whether people are asked: after their first sign-in, and when a version is new.
    pub acknowledge: bool,
    /// A newer version of the terms of use for end users than that of the text: a day, `YYYY-MM-DD`.
    pub end_users: Option<String>,
    /// The same of the supplement for delegated administrators.
    pub administrators: Option<String>,
}

impl Default for Terms {
    fn default() -> Self {
        Self { acknowledge: true, end_users: None, administrators: None }
    }
}

impl Terms {
    /// The versions that hold now.
    ///
    /// # Errors
    /// [`ConfigError::Terms`] for what is no day, [`ConfigError::TermsToCome`] for one that is still to come: people would
    /// acknowledge it too early, and no other until then.
    pub fn in_force(&self, now: Timestamp) -> Result<TermsInForce, ConfigError> {
        let terms = self.read()?;
        match terms.to_come(now) {
            Some(version) => Err(ConfigError::TermsToCome(version.as_str().to_owned())),
            None => Ok(terms),
        }
    }

    fn read(&self) -> Result<TermsInForce, ConfigError> {
        let version = |text: Option<&str>| {
            text.map(|text| Version::parse(text).ok_or(ConfigError::Terms)).transpose()
        };
        let (end_users, administrators) =
            (self.end_users.as_deref(), self.administrators.as_deref());
        let raised = [version(end_users)?, version(administrators)?];
        Ok(TermsInForce::new(self.acknowledge, raised))
    }
}

/// Keys that hold a list: the environment separates its items by commas.
const LISTS: [&str; 3] =
    ["server.trusted_proxies", "outbound.allowed_networks", "outbound.allow_http_to"];

/// Section `registration`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Whether holders of an initial access token may register clients (RFC 7591). Off unless it is needed.
    pub enabled: bool,
}

fn default_connections() -> u32 {
    16
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read, or has an unknown or missing key.
    #[error("configuration: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// The issuer is not one.
    #[error(
        "configuration: server.issuer must be an https address, or http on localhost, without path, query and fragment"
    )]
    Issuer,
    /// Keys would change too often, too rarely or too suddenly.
    #[error(
        "configuration: keys.rotate_every_days must be 1 to 3650, keys.publish_ahead_minutes 10 to 720"
    )]
    Keys,
    /// The version of a document is none.
    #[error("configuration: terms.end_users and terms.administrators are days, such as 2027-01-15")]
    Terms,
    /// The version of a document holds from a later day.
    #[error("configuration: the terms of {0} hold from that day on, and can be set then")]
    TermsToCome(String),
}

/// A public address that passed the check, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Checks the rules of OpenID Connect Discovery §3 for an issuer, and that plain http stays on this machine.
    ///
    /// # Errors
    /// [`ConfigError::Issuer`].
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let url = Url::parse(text).map_err(|_| ConfigError::Issuer)?;
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_local);
        let is_bare = url.query().is_none()
            && url.fragment().is_none()
            && url.path() == "/"
            && url.username().is_empty();
        if is_safe && is_bare {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(ConfigError::Issuer)
        }
    }

    /// The issuer.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies can be `Secure` and carry the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// An address under the issuer.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Config {
    /// Reads file and environment.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let environment = LISTS.iter().fold(
            config::Environment::with_prefix("IDP")
                .prefix_separator("__")
                .separator("__")
                .list_separator(",")
                .try_parsing(true),
            |environment, list| environment.with_list_parse_key(list),
        );
        let config: Self = config::Config::builder()
            .add_source(config::File::from(file))
            .add_source(environment)
            .build()?
            .try_deserialize()?;
        Issuer::parse(&config.server.issuer)?;
        Schedule::new(&config.keys)?;
        config.terms.read()?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_local_and_bare() {
        for good in [
            "https://id.example",
            "https://id.example/",
            "http://localhost:8080",
            "http://127.0.0.1:9",
        ] {
            assert!(Issuer::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://id.example",
            "https://id.example/x",
            "https://id.example?x",
            "https://u@id.example",
            "id.example",
            "",
        ] {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Issuer::parse("https://id.example/").unwrap().join("/login"),
            "https://id.example/login"
        );
    }

    #[test]
    fn unknown_keys_are_errors() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("idp.toml");
        let good = "[server]\nissuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:8080\"\n[database]\nurl = \"sqlite::memory:\"\n[secrets]\nmaster_key_file = \"key\"\n";
        std::fs::write(&file, good).unwrap();
        assert!(Config::load(&file).is_ok());
        let outbound = "[outbound]\nallowed_networks = [\"10.1.0.0/16\", \"::1/128\"]\n";
        std::fs::write(&file, format!("{good}{outbound}")).unwrap();
        assert_eq!(Config::load(&file).unwrap().outbound.allowed_networks.len(), 2);
        std::fs::write(&file, format!("{good}{outbound}allow_http = true\n")).unwrap();
        assert!(Config::load(&file).is_err());
        for (keys, is_good) in [
            ("rotate_every_days = 30\npublish_ahead_minutes = 10", true),
            ("rotate_every_days = 0", false),
            ("rotate_every_days = 3651", false),
            ("publish_ahead_minutes = 9", false),
            ("publish_ahead_minutes = 721", false),
        ] {
            std::fs::write(&file, format!("{good}[keys]\n{keys}\n")).unwrap();
            assert_eq!(Config::load(&file).is_ok(), is_good, "{keys}");
        }
        for (terms, is_good) in [
            ("", true),
            ("acknowledge = false", true),
            ("end_users = \"2027-01-15\"", true),
            ("administrators = \"soon\"", false),
            ("version = \"2027-01-15\"", false),
        ] {
            std::fs::write(&file, format!("{good}[terms]\n{terms}\n")).unwrap();
            assert_eq!(Config::load(&file).is_ok(), is_good, "{terms}");
        }
        let to_come = Terms { end_users: Some("2027-01-15".to_owned()), ..Terms::default() };
        let (before, on) = (1_799_967_599_000, 1_799_967_600_000);
        assert!(matches!(
            to_come.in_force(Timestamp::from_millis(before)),
            Err(ConfigError::TermsToCome(_))
        ));
        assert!(to_come.in_force(Timestamp::from_millis(on)).is_ok());
        std::fs::write(&file, format!("{good}colour = \"blue\"\n")).unwrap();
        assert!(Config::load(&file).is_err());
    }
}
