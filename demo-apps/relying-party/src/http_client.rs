//! The only room of this crate that calls out: short time-outs, no redirects, bounded answers.

use std::{future::Future, pin::Pin, sync::Once, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use crate::config::Tls;

/// Largest answer that is read; discovery, keys and tokens are far smaller.
const MAX_ANSWER: usize = 512 * 1024;

/// Why a call to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Refused, timed out, broken TLS.
    #[error("the provider did not answer: {0}")]
    Transport(#[from] reqwest::Error),
    /// A 5xx. Whatever its body says, it is no decision about a grant or a token.
    #[error("the provider failed with status {0}")]
    Failed(http::StatusCode),
    /// The answer is larger than 512 KiB.
    #[error("the provider's answer is too large")]
    TooLarge,
    /// The answer could not be put together.
    #[error("the provider's answer is malformed: {0}")]
    Malformed(#[from] http::Error),
}

/// An HTTP client that openidconnect may use.
#[derive(Clone)]
pub(crate) struct HttpClient(reqwest::Client);

impl HttpClient {
    /// A client with a time-out of 5 s that follows no redirect (security.md: a token endpoint
    /// has no business sending a secret elsewhere).
    pub(crate) fn build(tls: &Tls) -> Result<Self, reqwest::Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only when the program has chosen a provider already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5));
        let client = match tls {
            Tls::SystemRoots => client,
            Tls::AlsoTrust(pem) => {
                client.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?)
            }
            #[cfg(feature = "certification")]
            Tls::AnyCertificate => client.tls_danger_accept_invalid_certs(true),
        };
        client.build().map(Self)
    }

    /// Sends one request; a 5xx is a failure whatever its body says.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let mut answer = self.0.execute(reqwest::Request::try_from(request)?).await?;
        if answer.status().is_server_error() {
            return Err(CallError::Failed(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
