//! A demo with clients of our own, and the programs of others that act as these clients.

use std::{
    env, fs,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::{Value, json};

use crate::support::Demo;

/// May do something in CASPER and in CASPER Pre-Production; a client of CASPER hears only of the first.
const USER: &str = "alvaro.pedrosa@bank-e.example";
const GROUPS: [&str; 1] = ["CASPER_WEB_USER_ADMIN"];
/// The password of all demo users.
pub(crate) const PASSWORD: &str = "Quay-Lantern-58-Orchid";
/// The code of every login in these tests.
pub(crate) const CODE: &str = "123456";

const INITIAL_ACCESS_TOKEN: &str = "ia_only-on-my-throw-away-demo-of-interop-tests";

/// A library, in the language that runs it.
#[derive(Clone, Copy)]
pub(crate) struct Stack {
    /// Path of the interpreter under the folder of the libraries, or its name.
    interpreter: &'static str,
    script: &'static str,
}

/// The certified client for Node.js.
pub(crate) const OPENID_CLIENT: Stack = Stack { interpreter: "node", script: "openid-client.mjs" };
/// The low-level client for every JavaScript runtime.
pub(crate) const OAUTH4WEBAPI: Stack = Stack { interpreter: "node", script: "oauth4webapi.mjs" };
/// The client for Python, in an environment of its own.
pub(crate) const AUTHLIB: Stack =
    Stack { interpreter: "venv/bin/python", script: "authlib_client.py" };

/// A client of CASPER; its redirect URIs lead nowhere, since its browser stops before them.
pub(crate) fn client(algorithm: &str, method: &str) -> Value {
    let mut metadata = json!({
        "client_id": format!("interop-{algorithm}-{method}"),
        "application": "CASPER",
        "redirect_uris": ["http://localhost/callback"],
        "post_logout_redirect_uris": ["http://localhost/signed-out"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
        "scope": "openid profile email groups offline_access checks.run",
    });
    if method.starts_with("client_secret") {
        metadata["client_secret"] = json!("cs_interop-on-a-throw-away-demo");
    }
    if method == "none" {
        metadata["grant_types"] = json!(["authorization_code", "refresh_token"]);
        metadata["scope"] = json!("openid profile email groups offline_access");
    }
    metadata
}

/// A client that proves itself with a key of its own instead of a secret (RFC 7523 2.2). `private_jwk` is what only the
/// library hears, and `private_pem` with `public_pem` the same for others.
pub(crate) fn client_with_key(algorithm: &str) -> Value {
    let answer = Command::new("node")
        .args(["key-pair.mjs", algorithm])
        .current_dir(packages())
        .output()
        .expect("node does not start: run scripts/test interop");
    let pair: Value = serde_json::from_slice(&answer.stdout).unwrap();
    with(
        client("ES256", "private_key_jwt"),
        json!({
            "client_id": format!("interop-key-{algorithm}"),
            "token_endpoint_auth_signing_alg": algorithm,
            "jwks": { "keys": [pair["public"]] },
            "private_jwk": pair["private"],
            "private_pem": pair["privatePem"],
            "public_pem": pair["publicPem"],
        }),
    )
}

/// A client of CASPER that the portal does not know yet: it registers itself, so people are asked for consent.
pub(crate) fn unregistered(method: &str) -> Value {
    json!({
        "client_name": "Interop that registers itself",
        "redirect_uris": ["http://localhost/callback"],
        "post_logout_redirect_uris": ["http://localhost/signed-out"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": "ES256",
        "scope": "openid profile email groups offline_access",
        "first_party": false,
    })
}

/// An address of a client that serves something itself.
pub(crate) fn free_address(path: &str) -> String {
    format!("http://localhost:{}{path}", free_port())
}

/// A port that is registered before anything listens there. It is none of those that the system gives to whoever asks
/// for any, so that the demo does not take it meanwhile; each test is a process of its own, and begins to look elsewhere.
pub(crate) fn free_port() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    loop {
        let place = std::process::id().wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(place % 10_000).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The same client with other metadata.
pub(crate) fn with(mut client: Value, metadata: Value) -> Value {
    let Value::Object(members) = metadata else { panic!("metadata is an object: {metadata}") };
    for (name, value) in members {
        client[name] = value;
    }
    client
}

/// A demo that knows these clients.
pub(crate) struct World {
    demo: Demo,
    clients: Vec<Value>,
}

impl World {
    pub(crate) fn start(clients: Vec<Value>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options = vec!["--fixed-code".to_owned(), CODE.to_owned()];
        for (number, client) in clients.iter().enumerate() {
            let file = folder.path().join(format!("{number}.json"));
            let mut registered = client.clone();
            registered.as_object_mut().unwrap().retain(|name, _| !name.starts_with("private_"));
            fs::write(&file, registered.to_string()).unwrap();
            options.extend(["--extra-client".to_owned(), file.display().to_string()]);
        }
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        Self { demo: Demo::start(&options), clients }
    }

    /// A demo at which this client may register itself.
    pub(crate) fn open_to_registration(client: Value) -> Self {
        let options = ["--fixed-code", CODE, "--initial-access-token", INITIAL_ACCESS_TOKEN];
        Self { demo: Demo::start(&options), clients: vec![client] }
    }

    /// An address of the portal.
    pub(crate) fn portal(&self, path: &str) -> String {
        format!("{}{path}", self.demo.portal())
    }

    /// Lets a library make a journey as each of the clients, one after the other.
    pub(crate) fn perform(&self, stack: Stack, journey: &str) {
        for client in &self.clients {
            let setting = json!({
                "issuer": self.portal(""),
                "client": client,
                "initialAccessToken": INITIAL_ACCESS_TOKEN,
                "user": { "email": USER, "password": PASSWORD, "code": CODE, "groups": GROUPS },
            });
            let packages = packages();
            let own = packages.join(stack.interpreter);
            let interpreter = if own.exists() { own } else { stack.interpreter.into() };
            let run = Command::new(&interpreter)
                .args([stack.script, journey])
                .current_dir(&packages)
                .env("INTEROP", setting.to_string())
                .status();
            let run = run.unwrap_or_else(|error| {
                panic!("{}: {error}: run scripts/test interop", interpreter.display())
            });
            assert!(run.success(), "{} disagrees in {journey}: {client}", stack.script);
        }
    }
}

/// Where `scripts/interop` has installed the libraries.
fn packages() -> PathBuf {
    let folder = env::var_os("IDP_TEST_INTEROP");
    PathBuf::from(folder.expect("IDP_TEST_INTEROP is missing: run scripts/test interop"))
}
