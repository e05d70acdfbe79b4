//! A portal with a few banks, and the people who use it.

use std::sync::Arc;

use axum::Router;
use relying_party::RelyingPartyConfig;
use serde_json::{Value, json};
use ssm_portal::{Config, Environment, SeedData};
use tempfile::TempDir;

use crate::{
    browser::Browser,
    fake_op::{CLIENT_ID, CLIENT_SECRET, FakeOp},
};

pub(crate) struct Bank {
    pub(crate) op: Arc<FakeOp>,
    pub(crate) app: Router,
    _files: TempDir,
}

impl Bank {
    pub(crate) async fn start() -> Self {
        Self::start_in(Environment::Production).await
    }

    pub(crate) async fn start_in(environment: Environment) -> Self {
        let files = tempfile::tempdir().unwrap();
        let database = files.path().join("ssm.db");
        let data: SeedData = serde_json::from_value(seed_data()).unwrap();
        ssm_portal::seed(&database, &data).await.unwrap();
        ssm_portal::seed(&database, &data).await.unwrap();
        let op = FakeOp::start().await;
        let base_url = "http://localhost:9".parse().unwrap();
        let mut relying_party =
            RelyingPartyConfig::new(&op.issuer, CLIENT_ID, CLIENT_SECRET, base_url);
        relying_party.clock = op.clock();
        let config = Config { relying_party, database, environment };
        Self { app: ssm_portal::app(config).await.unwrap(), op, _files: files }
    }

    /// A browser in which `person` has signed in.
    pub(crate) async fn signed_in(&self, person: Value) -> Browser {
        *self.op.person.lock().unwrap() = person;
        let mut browser = Browser::new(&self.app);
        let answer = browser.sign_in(&self.op).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    /// The administrator of BANK_01, without the user group.
    pub(crate) async fn administrator(&self) -> Browser {
        self.signed_in(administrator("BANK_01")).await
    }
}

/// A user of `third_party` with the group.
pub(crate) fn user(sub: &str, third_party: &str) -> Value {
    json!({
        "sub": sub, "given_name": "Onni", "family_name": sub, "name": format!("Onni {sub}"),
        "email": format!("{sub}@example.test"), "groups": ["SSM-PORTAL_USER"],
        "level": { "id": "l", "path": format!("Root/{third_party}") },
    })
}

/// A delegated access administrator without the group.
pub(crate) fn administrator(third_party: &str) -> Value {
    json!({
        "sub": format!("daa-{third_party}"), "name": "Daa", "app_admin": true,
        "level": { "id": "l", "path": format!("Root/{third_party}") },
    })
}

fn seed_data() -> Value {
    let institution = |code: &str, country: &str, significance: &str, third_party: &str| {
        json!({
            "code": code, "legal_name": code, "country": country, "lei": format!("LEI{code}"),
            "significance": significance, "third_party": third_party,
        })
    };
    let mut institutions = vec![
        institution("bank_01", "FI", "SI", "BANK_01"),
        institution("bank_02", "FI", "SI", "BANK_01"),
        institution("Bank_33", "PT", "SI", "BANK_01"),
        institution("bank_03", "FI", "LSI", "BANK_01"),
        institution("BANK_E", "ES", "SI", "BANK E"),
        institution("LUMEN", "DE", "NONE", "LUMEN"),
    ];
    for country in ["AT", "BE", "CY", "DE", "EE", "ES", "FR"] {
        institutions.push(institution(&format!("Bank_{country}"), country, "SI", "BANK_01"));
    }
    let rows: Vec<Value> = (0..74)
        .map(|row| {
            let day = format!("2020-{:02}-{:02}", 10 - row / 10, 28 - row % 10);
            json!({
                "name": format!("First{row}"), "last_name": "=Last", "email": format!("r{row}@x.test"),
                "created": day, "last_modified": day, "institution": "bank_01",
                "process_types": if row % 2 == 0 { "Fit and Proper" } else { "" },
            })
        })
        .collect();
    json!({
        "institutions": institutions,
        "process_types": [
            { "name": "Fit and Proper", "significance": "SI", "open_to_third_parties": false },
            { "name": "Licensing", "significance": "SI+LSI", "open_to_third_parties": true },
            { "name": "Passporting", "significance": "SI+LSI", "open_to_third_parties": false },
        ],
        "imas_manage_users_fixture": rows,
    })
}
