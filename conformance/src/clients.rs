//! The clients of a run, each in its role.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;

use crate::{check::Skip, registration::Registration, signing::SigningKey};

/// What a client is there for. Its file is called after it: `third-party.json`, and a private JWK
/// that it signs with lies in `keys/third-party.json` beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The client that asks, in most checks.
    First,
    /// Another client.
    Second,
    /// A client that persons must agree to.
    ThirdParty,
    /// A client without credentials.
    Public,
    /// It authenticates with assertions for the issuer or the endpoint.
    Assertion,
    /// It authenticates with assertions for the issuer only.
    StrictAssertion,
    /// It publishes its keys, at the listener of the run.
    HostedKeys,
    /// Its authorization requests must be pushed.
    Pushed,
    /// It hears of sign-outs, at the listener of the run.
    Logout,
    /// It hears of sign-outs too.
    LogoutToo,
    /// It knows persons by names of its own.
    Pairwise,
    /// Another client of the same sector.
    PairwiseSibling,
    /// A client of another sector.
    PairwiseElsewhere,
    /// Its userinfo is signed.
    SignedUserinfo,
    /// A confidential client that need not send a code challenge.
    WithoutPkce,
    /// It wants a recent sign-in always.
    RecentSignIn,
    /// Its ID tokens are signed with EdDSA.
    EdDsa,
    /// It may ask for tokens for certain resources.
    Resource,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 18] = [
        Self::First,
        Self::Second,
        Self::ThirdParty,
        Self::Public,
        Self::Assertion,
        Self::StrictAssertion,
        Self::HostedKeys,
        Self::Pushed,
        Self::Logout,
        Self::LogoutToo,
        Self::Pairwise,
        Self::PairwiseSibling,
        Self::PairwiseElsewhere,
        Self::SignedUserinfo,
        Self::WithoutPkce,
        Self::RecentSignIn,
        Self::EdDsa,
        Self::Resource,
    ];

    /// Its name in file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::ThirdParty => "third-party",
            Self::Public => "public",
            Self::Assertion => "assertion",
            Self::StrictAssertion => "strict-assertion",
            Self::HostedKeys => "hosted-keys",
            Self::Pushed => "pushed",
            Self::Logout => "logout",
            Self::LogoutToo => "logout-too",
            Self::Pairwise => "pairwise",
            Self::PairwiseSibling => "pairwise-sibling",
            Self::PairwiseElsewhere => "pairwise-elsewhere",
            Self::SignedUserinfo => "signed-userinfo",
            Self::WithoutPkce => "without-pkce",
            Self::RecentSignIn => "recent-sign-in",
            Self::EdDsa => "eddsa",
            Self::Resource => "resource",
        }
    }
}

/// The clients of a run.
#[derive(Clone, Default)]
pub struct Clients(BTreeMap<Role, Registration>);

impl Clients {
    /// Reads the files that are there. Fails when one of them is no client.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut clients = Self::default();
        for role in Role::ALL {
            let file = folder.join(role.name()).with_extension("json");
            if !file.is_file() {
                continue;
            }
            let mut client = Registration::read(&file)?;
            let key = folder.join("keys").join(role.name()).with_extension("json");
            if key.is_file() {
                client.key = Some(SigningKey::read(&key)?);
            }
            clients.add(role, client);
        }
        Ok(clients)
    }

    /// Gives a client a role; whoever had it loses it.
    pub fn add(&mut self, role: Role, client: Registration) {
        self.0.insert(role, client);
    }

    /// Takes the client that asks.
    pub fn take_first(&mut self) -> anyhow::Result<Registration> {
        self.0.remove(&Role::First).context("there is no client: give --client or --clients")
    }

    /// The client in a role; a [`Skip`] when there is none.
    pub(crate) fn get(&self, role: Role) -> anyhow::Result<&Registration> {
        let reason = || Skip::because(format!("there is no client {}.json", role.name()));
        self.0.get(&role).ok_or_else(reason)
    }
}
