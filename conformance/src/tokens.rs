//! From an authorization request to tokens.

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use crate::{
    answer::Answer, ask::Ask, browser::Browser, registration::Registration, subject::Subject,
};

/// The answer of the token endpoint to a code, and the request that led to it.
pub(crate) struct Tokens {
    pub(crate) ask: Ask,
    pub(crate) code: String,
    pub(crate) response: Map<String, Value>,
}

impl Tokens {
    pub(crate) fn access_token(&self) -> anyhow::Result<&str> {
        member(&self.response, "access_token")
    }

    pub(crate) fn id_token(&self) -> anyhow::Result<&str> {
        member(&self.response, "id_token")
    }

    pub(crate) fn refresh_token(&self) -> anyhow::Result<&str> {
        member(&self.response, "refresh_token")
    }
}

/// A text in the answer of an endpoint for machines.
pub(crate) fn member<'a>(response: &'a Map<String, Value>, name: &str) -> anyhow::Result<&'a str> {
    let value = response.get(name).and_then(Value::as_str);
    value.with_context(|| format!("the answer has no {name}"))
}

/// The members of a successful answer of the token endpoint (RFC 6749 5.1).
pub(crate) fn success(answer: &Answer) -> anyhow::Result<Map<String, Value>> {
    answer.ensure_status(200)?;
    match answer.json()? {
        Value::Object(members) => Ok(members),
        other => bail!("the endpoint answered {other}"),
    }
}

impl Subject {
    /// A code for a request, from the shared sign-in.
    pub(crate) async fn code(&self, ask: &Ask) -> anyhow::Result<String> {
        let callback = self.authorize(&mut self.signed_in().await?, ask).await?;
        Ok(callback.code()?.to_owned())
    }

    /// Redeems a code as the client, with everything right.
    pub(crate) async fn redeem(&self, ask: &Ask, code: &str) -> anyhow::Result<Answer> {
        self.redeem_as(&self.client, ask, code).await
    }

    /// Redeems a code as some client.
    pub(crate) async fn redeem_as(
        &self,
        client: &Registration,
        ask: &Ask,
        code: &str,
    ) -> anyhow::Result<Answer> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", ask.returns_to()),
            ("code_verifier", &ask.verifier),
        ];
        self.provider.token(client, &form).await
    }

    /// Uses a refresh token as the client.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> anyhow::Result<Answer> {
        self.refresh_as(&self.client, refresh_token).await
    }

    /// Uses a refresh token as some client.
    pub(crate) async fn refresh_as(
        &self,
        client: &Registration,
        refresh_token: &str,
    ) -> anyhow::Result<Answer> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.provider.token(client, &form).await
    }

    /// Fresh tokens for a request.
    pub(crate) async fn tokens_for(&self, ask: Ask) -> anyhow::Result<Tokens> {
        self.tokens_as(&self.client, ask).await
    }

    /// Fresh tokens for a good request.
    pub(crate) async fn tokens(&self) -> anyhow::Result<Tokens> {
        self.tokens_for(self.ask()).await
    }

    /// Fresh tokens of some client for a good request of it.
    pub(crate) async fn tokens_of(&self, client: &Registration) -> anyhow::Result<Tokens> {
        self.tokens_as(client, Ask::new(client)).await
    }

    /// Fresh tokens of some client, from the shared sign-in.
    pub(crate) async fn tokens_as(
        &self,
        client: &Registration,
        ask: Ask,
    ) -> anyhow::Result<Tokens> {
        self.tokens_in(&mut self.signed_in().await?, client, ask).await
    }

    /// Fresh tokens of some client in this browser.
    pub(crate) async fn tokens_in(
        &self,
        browser: &mut Browser,
        client: &Registration,
        ask: Ask,
    ) -> anyhow::Result<Tokens> {
        let callback = self.authorize(browser, &ask).await?;
        let code = callback.code()?.to_owned();
        let response = success(&self.redeem_as(client, &ask, &code).await?)?;
        Ok(Tokens { ask, code, response })
    }
}
