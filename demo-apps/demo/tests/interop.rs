//! Relying parties that others wrote, against the portal as its users start it.
//!
//! `scripts/test interop` installs the libraries and names their folder in `IDP_TEST_INTEROP`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{env, fs, path::PathBuf, process::Command};

use serde_json::{Value, json};
use support::Demo;

/// May do something in CASPER and in CASPER Pre-Production; a client of CASPER hears only of the first.
const USER: &str = "alvaro.pedrosa@bank-e.example";
const PASSWORD: &str = "Quay-Lantern-58-Orchid";
const GROUPS: &str = r#"["CASPER_WEB_USER_ADMIN"]"#;
const CODE: &str = "123456";

/// A client of CASPER; its redirect URIs lead nowhere, since its browser stops before them.
fn client(algorithm: &str, method: &str) -> Value {
    json!({
        "client_id": format!("interop-{algorithm}"),
        "client_secret": "cs_interop-on-a-throw-away-demo",
        "application": "CASPER",
        "redirect_uris": ["http://localhost/callback"],
        "post_logout_redirect_uris": ["http://localhost/signed-out"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
        "scope": "openid profile email groups offline_access checks.run",
    })
}

fn packages() -> PathBuf {
    let folder = env::var_os("IDP_TEST_INTEROP");
    PathBuf::from(folder.expect("IDP_TEST_INTEROP is missing: run scripts/test interop"))
}

#[test]
fn openid_client_signs_in_refreshes_and_signs_out_with_each_algorithm() {
    let packages = packages();
    let clients = [
        client("RS256", "client_secret_basic"),
        client("ES256", "client_secret_post"),
        client("EdDSA", "client_secret_basic"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut options = vec!["--fixed-code".to_owned(), CODE.to_owned()];
    for (number, client) in clients.iter().enumerate() {
        let file = folder.path().join(format!("{number}.json"));
        fs::write(&file, client.to_string()).unwrap();
        options.extend(["--extra-client".to_owned(), file.display().to_string()]);
    }
    let demo = Demo::start(&options.iter().map(String::as_str).collect::<Vec<_>>());
    for client in clients {
        let run = Command::new("node")
            .arg("openid-client.mjs")
            .current_dir(&packages)
            .env("INTEROP_ISSUER", demo.portal())
            .env("INTEROP_CLIENT", client.to_string())
            .env("INTEROP_USER", USER)
            .env("INTEROP_PASSWORD", PASSWORD)
            .env("INTEROP_CODE", CODE)
            .env("INTEROP_GROUPS", GROUPS)
            .status()
            .expect("node does not start: run scripts/test interop");
        assert!(run.success(), "openid-client disagrees: {client}");
    }
}
