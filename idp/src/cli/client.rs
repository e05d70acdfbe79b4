//! `idp client`: look at the clients, let clients register themselves, take one out of service.

use anyhow::Context as _;
use clap::Subcommand;
use oidc_core::{
    client::Client as Registered,
    secret::{Secret, SecretKind},
};

use crate::{
    administration::{Administration, RegistrationPermit},
    entropy::Entropy,
};

/// What can be done with clients.
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Show all clients: id, application, authentication, and whether the operator vouches for it.
    List,
    /// Print an initial access token, once. Whoever holds it may register clients of one application.
    AllowRegistration {
        /// Code of the application, such as CASPER.
        #[arg(long)]
        application: String,
        /// For how many clients.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=1000))]
        uses: i32,
        /// For how many hours.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(1..=720))]
        hours: i64,
        /// Exempt the clients from PKCE. Only for a suite of tests that sends none.
        #[arg(long)]
        without_pkce: bool,
    },
    /// Take a client out of service: its tokens are dead, and it gets no new ones.
    Disable {
        /// The `client_id`.
        id: String,
    },
}

/// Runs a command and gives the lines to print.
///
/// # Errors
/// One line: nothing was done.
pub async fn run(
    command: &Client,
    administration: &Administration<'_>,
    entropy: &dyn Entropy,
) -> anyhow::Result<Vec<String>> {
    match command {
        Client::List => {
            let clients = administration.store.list_clients().await?;
            Ok(clients.iter().map(describe).collect())
        }
        Client::AllowRegistration { application, uses, hours, without_pkce } => {
            let found = administration.store.find_application(application).await?;
            let permit = RegistrationPermit {
                application: found.with_context(|| format!("no application {application}"))?,
                require_pkce: !without_pkce,
                uses: *uses,
                expires_at: administration.now.plus_seconds(hours * 3600),
            };
            let token = Secret::from_entropy(SecretKind::InitialAccessToken, entropy.bytes());
            administration.allow_registration(&token, &permit).await?;
            Ok(vec![token.expose().to_owned()])
        }
        Client::Disable { id } => {
            administration.disable_client(id).await?;
            Ok(vec![format!("{id} is out of service")])
        }
    }
}

fn describe(client: &Registered) -> String {
    let application = client.application.as_deref().unwrap_or("-");
    let standing = match (client.enabled, client.first_party) {
        (false, _) => "disabled",
        (true, true) => "first party",
        (true, false) => "asks for consent",
    };
    let method = client.auth_method.as_str();
    format!("{:40}  {application:24}  {method:20}  {standing:16}  {}", client.id, client.name)
}
