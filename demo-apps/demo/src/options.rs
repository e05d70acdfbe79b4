//! What the demo can be told (design §6).

use std::path::PathBuf;

use clap::Parser;
use oidc_core::secret::{Secret, SecretKind};
use portal_core::login::Code;

/// The password of all demo users, unless another is given.
pub(crate) const PASSWORD: &str = "Quay-Lantern-58-Orchid";

/// The Identity Portal with CASPER, the SSM Portal and ASTRA, on this machine only.
#[derive(Clone, Debug, Parser)]
#[command(name = "demo", version)]
pub(crate) struct Options {
    /// Folder for databases and keys.
    #[arg(long, value_name = "DIR", default_value = ".demo")]
    pub(crate) data: PathBuf,
    /// Port of the portal; the relying parties take the five after it.
    #[arg(long, value_name = "N", default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65_530))]
    pub(crate) port_base: u16,
    /// Start afresh: what the folder holds is deleted.
    #[arg(long)]
    pub(crate) reset: bool,
    /// Password of all demo users, set when the folder is filled.
    #[arg(long, value_name = "P", default_value = PASSWORD)]
    pub(crate) password: String,
    /// Send this code at every login, for scripted browsers.
    #[arg(long, value_name = "CODE", value_parser = six_digits)]
    pub(crate) fixed_code: Option<u32>,
    /// Serve https with this certificate chain and key (PEM). The relying parties must find its root among the
    /// system's trusted ones.
    #[arg(long, num_args = 2, value_names = ["CERT", "KEY"])]
    pub(crate) tls: Option<Vec<PathBuf>>,
    /// Register one more client: RFC 7591 metadata with `client_id`, `client_secret` and `application`.
    #[arg(long = "extra-client", value_name = "FILE.json")]
    pub(crate) extra_clients: Vec<PathBuf>,
    /// Let clients register themselves with this token: `ia_` and 43 characters of base64url.
    #[arg(long, hide = true, value_name = "TOKEN", value_parser = initial_access_token)]
    pub(crate) initial_access_token: Option<Secret>,
    /// Exempt them from PKCE, for a suite of tests that sends none.
    #[arg(long, hide = true, requires = "initial_access_token")]
    pub(crate) registered_without_pkce: bool,
    /// Let tests move the clock: `POST /demo/clock/advance?seconds=N`.
    #[arg(long, hide = true)]
    pub(crate) movable_clock: bool,
}

fn six_digits(text: &str) -> Result<u32, String> {
    let code = Code::parse(text).ok_or("a code has six digits")?;
    code.expose().parse().map_err(|_| "a code has six digits".to_owned())
}

fn initial_access_token(text: &str) -> Result<Secret, String> {
    Secret::parse(SecretKind::InitialAccessToken, text)
        .ok_or_else(|| "an initial access token is ia_ and 43 characters of base64url".to_owned())
}
