//! What is tested, and with what.

use std::time::Duration;

use anyhow::ensure;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    answer::Answer,
    ask::Ask,
    browser::Browser,
    check::Skip,
    clients::{Clients, Role},
    clock,
    jwt::Jwt,
    listener::Listener,
    provider::Provider,
    registration::Registration,
};

/// A person who can sign in.
pub struct Person {
    /// What goes into the field `email`.
    pub email: String,
    /// What goes into the field `password`.
    pub password: String,
    /// What goes into the field `code`.
    pub code: String,
}

/// The provider under test with what the checks may use of it.
pub struct Subject {
    /// The provider.
    pub provider: Provider,
    /// The client that asks.
    pub client: Registration,
    /// The other clients, in their roles.
    pub clients: Clients,
    /// Somebody to sign in.
    pub person: Option<Person>,
    /// The token that opens the registration endpoint.
    pub initial_access_token: Option<String>,
    /// Where the provider reaches the clients of this run.
    pub listener: Option<Listener>,
    /// Where the clock of the provider can be set forward, with `seconds=N`.
    pub clock: Option<Url>,
    /// The command that rotates the keys of the provider.
    pub rotate_command: Option<String>,
    pub(crate) session: OnceCell<Browser>,
}

impl Subject {
    /// A provider with the client that asks.
    pub fn new(provider: Provider, client: Registration) -> Self {
        Self {
            provider,
            client,
            clients: Clients::default(),
            person: None,
            initial_access_token: None,
            listener: None,
            clock: None,
            rotate_command: None,
            session: OnceCell::const_new(),
        }
    }

    /// The client in a role; a [`Skip`] when there is none.
    pub(crate) fn client_as(&self, role: Role) -> anyhow::Result<&Registration> {
        self.clients.get(role)
    }

    pub(crate) fn second(&self) -> anyhow::Result<&Registration> {
        self.client_as(Role::Second)
    }

    pub(crate) fn listener(&self) -> anyhow::Result<&Listener> {
        self.listener.as_ref().ok_or_else(|| Skip::because("there is no --listen"))
    }

    pub(crate) fn person(&self) -> anyhow::Result<&Person> {
        self.person.as_ref().ok_or_else(|| Skip::because("there is nobody to sign in (--user)"))
    }

    /// A good authorization request of the client.
    pub(crate) fn ask(&self) -> Ask {
        Ask::new(&self.client)
    }

    pub(crate) fn verify(&self, token: &str) -> anyhow::Result<Jwt> {
        Jwt::verify(token, &self.provider.jwks)
    }

    /// Lets so much time pass at the provider: at once when its clock can be set, else by waiting.
    pub(crate) async fn pass_time(&self, seconds: u64) -> anyhow::Result<()> {
        let Some(url) = &self.clock else {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            return Ok(());
        };
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("seconds", &seconds.to_string());
        let answer = Answer::read(self.provider.http.post(url).send().await?).await?;
        ensure!(answer.status.is_success(), "the clock answered {}", answer.status);
        clock::move_on(i64::try_from(seconds)?);
        Ok(())
    }
}
