//! The demo around a visitor: addresses, people, what was sent to phones, and the time.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::support::Demo;

/// The code of every login in these tests.
pub(crate) const CODE: &str = "123456";
/// The password of all demo users.
pub(crate) const PASSWORD: &str = "Quay-Lantern-58-Orchid";

/// Submitter with the groups of both CASPER environments.
pub(crate) const SUBMITTER: &str = "hugo.belmonte@bank-e.example";
/// Uses the SSM Portal.
pub(crate) const SSM_USER: &str = "test.user.daa@bank-01.example";
/// Administers access to the SSM Portal, in the organisation of `SSM_USER`.
pub(crate) const SSM_ADMINISTRATOR: &str = "testuser.daa@bank-01.example";
/// Has no application.
pub(crate) const WITHOUT_APPS: &str = "fred.perry@company.com";
/// Has CASPER Pre-Production only.
pub(crate) const PRE_PRODUCTION_ONLY: &str = "kobe.staelens@meridiaan.example";

/// A relying party, by its port after the portal's.
#[derive(Clone, Copy)]
pub(crate) enum Application {
    Casper = 1,
    CasperPreProduction = 2,
    SsmPortal = 3,
    Astra = 5,
}

/// A demo in which time and codes are ours.
pub(crate) struct World(Demo);

/// One message, from `/demo/outbox.json`.
#[derive(Deserialize)]
struct Sent {
    kind: String,
    code: Option<String>,
}

impl World {
    pub(crate) fn start() -> Self {
        // Fails only when a test of this process has done it before.
        rustls::crypto::ring::default_provider().install_default().ok();
        Self(Demo::start(&["--fixed-code", CODE, "--movable-clock"]))
    }

    /// With one more client, of this registration.
    pub(crate) fn start_with_client(registration: &Value) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.json");
        fs::write(&file, registration.to_string()).unwrap();
        let client = ["--extra-client", file.to_str().unwrap()];
        Self(Demo::start(&[["--fixed-code", CODE].as_slice(), &client].concat()))
    }

    /// An address of the portal.
    pub(crate) fn portal(&self, path: &str) -> String {
        format!("{}{path}", self.0.portal())
    }

    /// An address of a relying party.
    pub(crate) fn at(&self, application: Application, path: &str) -> String {
        format!("http://localhost:{}{path}", self.0.port + application as u16)
    }

    /// `sms` or `voice`: how the newest code went out. Mails of other things go out meanwhile.
    pub(crate) async fn newest_code_kind(&self) -> String {
        let answer = reqwest::get(self.portal("/demo/outbox.json")).await.unwrap();
        let messages: Vec<Sent> = answer.json().await.unwrap();
        let newest = messages.into_iter().find(|sent| sent.code.is_some());
        newest.expect("no code was sent").kind
    }

    /// Lets this time pass.
    pub(crate) async fn advance_seconds(&self, seconds: u32) {
        let address = self.portal(&format!("/demo/clock/advance?seconds={seconds}"));
        let client = reqwest::Client::builder().build().unwrap();
        let answer = client.post(address).send().await.unwrap();
        answer.error_for_status().unwrap();
    }
}
