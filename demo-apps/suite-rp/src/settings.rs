//! What the environment says: which provider, which client, which module.

use relying_party::{BearerMethod, SigningAlg, Tls};
use serde_json::{Map, Value};
use url::Url;

use crate::Stop;

/// Everything that a run is told. The names are those of the official suite's runner.
pub struct Settings {
    /// `ISSUER`.
    pub issuer: String,
    /// `CLIENT_METADATA_DEFAULTS`: client metadata of RFC 7591, with `client_id` and
    /// `client_secret` for a client that is registered already.
    pub metadata: Map<String, Value>,
    /// `VARIANT`: how the module is run, such as `{"response_mode":"form_post"}`.
    pub variant: Map<String, Value>,
    /// `MODULE_NAME`.
    pub module: String,
    /// `BASE_URL`: own public address. Otherwise the origin of the first redirect URI.
    pub base_url: Url,
    /// `LISTEN`: own socket address. Otherwise loopback, with the port of the base URL.
    pub listen: String,
    /// `CA_FILE` or `INSECURE_TLS=1`.
    pub tls: Tls,
}

impl Settings {
    /// Reads them through `variable`, the environment of the program.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Stop> {
        let issuer = variable("ISSUER").ok_or_else(|| Stop::new("ISSUER is not set"))?;
        let metadata = object("CLIENT_METADATA_DEFAULTS", variable("CLIENT_METADATA_DEFAULTS"))?;
        let variant = object("VARIANT", variable("VARIANT"))?;
        let base_url = own_address(variable("BASE_URL"), &metadata)?;
        let port = base_url.port_or_known_default().unwrap_or(443);
        let tls = match (variable("CA_FILE"), variable("INSECURE_TLS").as_deref()) {
            (None, None | Some("" | "0")) => Tls::SystemRoots,
            (None, Some("1")) => Tls::AnyCertificate,
            (Some(file), None | Some("" | "0")) => {
                let pem = std::fs::read(&file).map_err(|e| Stop::new(format!("{file}: {e}")))?;
                Tls::AlsoTrust(pem)
            }
            _ => return Err(Stop::new("either CA_FILE, or INSECURE_TLS=1")),
        };
        let settings = Self {
            issuer,
            metadata,
            variant,
            module: variable("MODULE_NAME").unwrap_or_default(),
            listen: variable("LISTEN").unwrap_or_else(|| format!("127.0.0.1:{port}")),
            base_url,
            tls,
        };
        settings.check_supported()?;
        Ok(settings)
    }

    /// What this relying party cannot do is said at once.
    fn check_supported(&self) -> Result<(), Stop> {
        for (name, supported) in [
            ("response_type", &["code"][..]),
            ("response_mode", &["default", "query", "form_post"]),
            ("request_type", &["plain_http_request"]),
            (
                "client_auth_type",
                &["none", "client_secret_basic", "client_secret_post", "private_key_jwt"],
            ),
        ] {
            let asked = self.variant.get(name).and_then(Value::as_str);
            if let Some(asked) = asked.filter(|asked| !supported.contains(asked)) {
                return Err(Stop::new(format!("{name}={asked} is not supported")));
            }
        }
        let redirect_uri = format!("{}callback", self.base_url);
        let registered = self.metadata.get("redirect_uris").and_then(Value::as_array);
        if registered.is_some_and(|all| all.iter().all(|one| *one != redirect_uri.as_str())) {
            return Err(Stop::new(format!("redirect_uris must hold {redirect_uri}")));
        }
        Ok(())
    }

    /// A value of the variant, or else of the metadata.
    pub(crate) fn choice(&self, variant: &str, metadata: &str) -> Option<&str> {
        let chosen = self.variant.get(variant).or_else(|| self.metadata.get(metadata));
        chosen.and_then(Value::as_str).filter(|chosen| *chosen != "default")
    }

    /// What signs ID tokens and logout tokens: RS256 unless registered otherwise (OpenID Connect
    /// Dynamic Client Registration 1.0 section 2).
    pub(crate) fn id_token_alg(&self) -> Result<SigningAlg, Stop> {
        let name = self.metadata.get("id_token_signed_response_alg").and_then(Value::as_str);
        let name = name.unwrap_or("RS256");
        SigningAlg::parse(name).ok_or_else(|| Stop::new(format!("{name} is not supported")))
    }

    /// Every module waits for a userinfo request; one of them for a token in its body.
    pub(crate) fn userinfo(&self) -> BearerMethod {
        if self.module.contains("bearer-body") { BearerMethod::Body } else { BearerMethod::Header }
    }

    /// Scopes beyond `openid`.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let scope = self.metadata.get("scope").and_then(Value::as_str);
        let scope = scope.unwrap_or("openid profile email");
        scope.split_ascii_whitespace().filter(|one| *one != "openid").map(str::to_owned).collect()
    }
}

fn object(name: &str, text: Option<String>) -> Result<Map<String, Value>, Stop> {
    match text.filter(|text| !text.trim().is_empty()) {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| Stop::new(format!("{name} is no JSON object: {error}"))),
    }
}

fn own_address(given: Option<String>, metadata: &Map<String, Value>) -> Result<Url, Stop> {
    let redirect_uri = metadata.get("redirect_uris").and_then(|all| all.get(0));
    let text = given
        .or_else(|| redirect_uri.and_then(Value::as_str).map(str::to_owned))
        .unwrap_or_else(|| "http://localhost:8090".to_owned());
    let mut address =
        Url::parse(&text).map_err(|_| Stop::new(format!("{text} is no address of ours")))?;
    address.set_path("/");
    address.set_query(None);
    Ok(address)
}
