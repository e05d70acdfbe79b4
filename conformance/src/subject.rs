//! What is tested, and how a person gets through its pages.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    answer::Answer,
    ask::{Ask, Callback},
    browser::Browser,
    jwt::Jwt,
    provider::Provider,
    registration::Registration,
};

/// More pages than this lead nowhere.
const MAX_STEPS: usize = 15;

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
    /// Another client of the same provider.
    pub second: Option<Registration>,
    /// Somebody to sign in.
    pub person: Option<Person>,
    session: OnceCell<Browser>,
}

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

/// A text in the answer of the token endpoint.
pub(crate) fn member<'a>(response: &'a Map<String, Value>, name: &str) -> anyhow::Result<&'a str> {
    let value = response.get(name).and_then(Value::as_str);
    value.with_context(|| format!("the token endpoint gave no {name}"))
}

impl Subject {
    /// A provider with the client that asks.
    pub const fn new(provider: Provider, client: Registration) -> Self {
        Self { provider, client, second: None, person: None, session: OnceCell::const_new() }
    }

    pub(crate) fn second(&self) -> anyhow::Result<&Registration> {
        self.second.as_ref().context("there is no second client")
    }

    /// A good authorization request of the client.
    pub(crate) fn ask(&self) -> Ask {
        Ask::new(&self.client)
    }

    /// Brings a request in a browser without cookies; the answer as it comes.
    pub(crate) async fn visit(&self, ask: &Ask) -> anyhow::Result<Answer> {
        self.provider.browser().get(ask.url(&self.provider)?).await
    }

    /// A browser in which the person is signed in. All checks share one sign-in; a check that ends
    /// it needs [`Subject::sign_in_anew`].
    pub(crate) async fn signed_in(&self) -> anyhow::Result<Browser> {
        let browser = self.session.get_or_try_init(|| self.sign_in_anew()).await?;
        Ok(browser.clone())
    }

    /// A browser in which the person has just signed in.
    pub(crate) async fn sign_in_anew(&self) -> anyhow::Result<Browser> {
        let mut browser = self.provider.browser();
        self.authorize(&mut browser, &self.ask()).await?.code()?;
        Ok(browser)
    }

    /// Brings a request and goes through all pages that the provider shows, until it sends the
    /// browser back to the client.
    pub(crate) async fn authorize(
        &self,
        browser: &mut Browser,
        ask: &Ask,
    ) -> anyhow::Result<Callback> {
        let answer = browser.get(ask.url(&self.provider)?).await?;
        self.go_through(browser, ask, answer).await
    }

    /// Goes on from `answer` until the provider sends the browser back to the client.
    pub(crate) async fn go_through(
        &self,
        browser: &mut Browser,
        ask: &Ask,
        mut answer: Answer,
    ) -> anyhow::Result<Callback> {
        let redirect_uri = ask.get("redirect_uri").unwrap_or_default();
        for _ in 0..MAX_STEPS {
            if let Some(callback) = Callback::find(&answer, redirect_uri)? {
                return Ok(callback);
            }
            answer = self.next(browser, &answer).await?;
        }
        bail!("the pages never led back to the client")
    }

    /// Follows redirects until a page is there.
    pub(crate) async fn follow(
        &self,
        browser: &mut Browser,
        mut answer: Answer,
    ) -> anyhow::Result<Answer> {
        for _ in 0..MAX_STEPS {
            match answer.location() {
                Some(location) => answer = browser.get(self.own(location)?).await?,
                None => return Ok(answer),
            }
        }
        bail!("the redirects never end")
    }

    /// One step: a redirect is followed, a form of the sign-in is filled in and sent.
    async fn next(&self, browser: &mut Browser, answer: &Answer) -> anyhow::Result<Answer> {
        if let Some(location) = answer.location() {
            return browser.get(self.own(location)?).await;
        }
        let person = self.person.as_ref().context("there is nobody to sign in")?;
        let page = answer.page()?;
        ensure!(
            answer.status.is_success(),
            "{} answered {}: {:?}",
            answer.url.path(),
            answer.status,
            page.title
        );
        let form = if let Some(form) = page.form_with("password") {
            form.fill("email", &person.email).fill("password", &person.password)
        } else if let Some(form) = page.form_with("code") {
            form.fill("code", &person.code)
        } else {
            bail!("the page {:?} is not part of a sign-in", page.title);
        };
        browser.submit(answer, &form).await
    }

    /// The browser of the checks carries cookies of the provider and goes nowhere else.
    fn own(&self, location: Url) -> anyhow::Result<Url> {
        let home = Url::parse(&self.provider.issuer)?;
        ensure!(location.origin() == home.origin(), "the provider sends the browser to {location}");
        Ok(location)
    }

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
            ("redirect_uri", ask.get("redirect_uri").unwrap_or_default()),
            ("code_verifier", &ask.verifier),
        ];
        self.provider.token(client, &form).await
    }

    /// Uses a refresh token as the client.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> anyhow::Result<Answer> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.provider.token(&self.client, &form).await
    }

    /// Fresh tokens for a request.
    pub(crate) async fn tokens_for(&self, ask: Ask) -> anyhow::Result<Tokens> {
        let code = self.code(&ask).await?;
        let response = success(&self.redeem(&ask, &code).await?)?;
        Ok(Tokens { ask, code, response })
    }

    /// Fresh tokens for a good request.
    pub(crate) async fn tokens(&self) -> anyhow::Result<Tokens> {
        self.tokens_for(self.ask()).await
    }

    pub(crate) fn verify(&self, token: &str) -> anyhow::Result<Jwt> {
        Jwt::verify(token, &self.provider.jwks)
    }
}

/// The members of a successful answer of the token endpoint (RFC 6749 5.1).
pub(crate) fn success(answer: &Answer) -> anyhow::Result<Map<String, Value>> {
    answer.ensure_status(200)?;
    match answer.json()? {
        Value::Object(members) => Ok(members),
        other => bail!("the token endpoint answered {other}"),
    }
}
