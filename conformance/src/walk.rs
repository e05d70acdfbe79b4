//! How a person gets through the pages of the provider: sign-in, one-time code, consent.

use anyhow::{bail, ensure};
use url::Url;

use crate::{
    answer::Answer,
    ask::{Ask, Callback},
    browser::Browser,
    page::Form,
    subject::Subject,
};

/// More pages than this lead nowhere.
const MAX_STEPS: usize = 15;

/// What a page of the provider wants.
pub(crate) enum Stop {
    /// It sent the browser back to the client.
    Callback(Callback),
    /// It asks for consent.
    Consent(Box<Answer>, Form),
}

impl Subject {
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
        self.person()?;
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

    /// Goes on from `answer`, and consents when asked, until the provider sends the browser back.
    pub(crate) async fn go_through(
        &self,
        browser: &mut Browser,
        ask: &Ask,
        mut answer: Answer,
    ) -> anyhow::Result<Callback> {
        for _ in 0..MAX_STEPS {
            match self.until_consent(browser, ask, answer).await? {
                Stop::Callback(callback) => return Ok(callback),
                Stop::Consent(page, form) => {
                    answer = browser.submit(&page, &form.press("consent-allow")).await?;
                }
            }
        }
        bail!("the provider asks for consent again and again")
    }

    /// Goes on from `answer` to the consent page, or back to the client if there is none.
    pub(crate) async fn until_consent(
        &self,
        browser: &mut Browser,
        ask: &Ask,
        mut answer: Answer,
    ) -> anyhow::Result<Stop> {
        for _ in 0..MAX_STEPS {
            if let Some(callback) = Callback::find(&answer, ask.returns_to())? {
                return Ok(Stop::Callback(callback));
            }
            let consent = match answer.location() {
                Some(_) => None,
                None => answer.page()?.form_of_button("consent-allow"),
            };
            if let Some(form) = consent {
                return Ok(Stop::Consent(Box::new(answer), form));
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
        let person = self.person()?;
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
}
