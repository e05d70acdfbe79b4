//! A configuration from the environment of a program.

use std::{env, fs};

use crate::{Authentication, ClientKey, ClientKeyError, RelyingPartyConfig};

/// What is missing from the environment, or wrong there. Never tells a value.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// A variable that must be set.
    #[error("{0} is not set")]
    Missing(String),
    /// A variable with a value that cannot be used.
    #[error("{0} cannot be used: {1}")]
    Unusable(String, &'static str),
    /// A file that cannot be read.
    #[error("the file that {0} names cannot be read")]
    File(String, #[source] std::io::Error),
    /// A file without a private key.
    #[error("the file that {0} names holds no key")]
    Key(String, #[source] ClientKeyError),
}

impl RelyingPartyConfig {
    /// From the variables `{prefix}_ISSUER`, `{prefix}_CLIENT_ID`, `{prefix}_BASE_URL`, and either
    /// `{prefix}_CLIENT_KEY_FILE` (a private JWK: `private_key_jwt` and pushed authorization
    /// requests) or `{prefix}_CLIENT_SECRET` (`client_secret_basic`). Everything else as in
    /// [`RelyingPartyConfig::new`].
    pub fn from_environment(prefix: &str) -> Result<Self, EnvironmentError> {
        let name = |what: &str| format!("{prefix}_{what}");
        let need =
            |what: &str| env::var(name(what)).map_err(|_| EnvironmentError::Missing(name(what)));
        let (issuer, client_id) = (need("ISSUER")?, need("CLIENT_ID")?);
        let base_url = need("BASE_URL")?
            .parse()
            .map_err(|_| EnvironmentError::Unusable(name("BASE_URL"), "it is no address"))?;
        let Ok(file) = env::var(name("CLIENT_KEY_FILE")) else {
            return Ok(Self::new(&issuer, &client_id, need("CLIENT_SECRET")?.as_str(), base_url));
        };
        let text = fs::read_to_string(file)
            .map_err(|error| EnvironmentError::File(name("CLIENT_KEY_FILE"), error))?;
        let key = ClientKey::from_jwk(&text)
            .map_err(|error| EnvironmentError::Key(name("CLIENT_KEY_FILE"), error))?;
        let mut config = Self::new(&issuer, &client_id, Authentication::private_key(key), base_url);
        config.pushed_authorization_requests = true;
        Ok(config)
    }
}
