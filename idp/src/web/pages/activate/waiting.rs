//! What waits while a person activates an account: the link, and the code that was sent on its account.

use axum::http::HeaderMap;
use portal_core::{
    Timestamp,
    account::Channel,
    id::UserId,
    login::{CODE_LIFETIME_SECONDS, Code, TRIES_PER_LOGIN},
    one_time_link::LinkPurpose,
    phone::PhoneNumber,
};
use serde::{Deserialize, Serialize};
use storage::{Account, Digest, LoginDigest, NewLink};

use crate::{
    App,
    administration::{self, LinkFacts},
    entropy, notify, secrets,
    texts::Texts,
    web::{browser::Browser, cookie::Cookie, error::PageError},
};

/// Codes that are sent on account of one link.
const CODES_PER_LINK: u32 = 10;

/// A link that can be used now, with its person.
pub(super) struct OpenLink {
    pub(super) digest: Digest,
    pub(super) purpose: LinkPurpose,
    pub(super) account: Account,
    facts: LinkFacts,
    detail: String,
}

/// A password that was chosen, and a code that is waited for. It is stored under a secret that only this browser has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PhoneProof {
    pub(super) link: Digest,
    pub(super) is_new_email: bool,
    pub(super) password_hash: String,
    pub(super) channel: String,
    /// [`mark_of_number`] of where the code went; a node of an earlier release does not write it.
    #[serde(default)]
    number: Option<Digest>,
    code_mac: Digest,
    sent_at: i64,
    tries: u32,
}

/// A proof as it is loaded.
pub(super) struct Waiting {
    secret: String,
    digest: LoginDigest,
    pub(super) user: UserId,
    pub(super) proof: PhoneProof,
    detail: String,
}

/// What became of sending a code.
pub(super) enum Sent {
    /// The secret for the cookie.
    Code(String),
    /// The gateway did not take it.
    NotTaken,
    /// The link has had its codes.
    TooMany,
}

impl OpenLink {
    /// The link of a secret; `None` when it is used, over, or does not fit its account any more.
    pub(super) async fn find(app: &App, secret: &str) -> Result<Option<Self>, PageError> {
        Self::find_digest(app, &secrets::digest(secret)).await
    }

    /// The link of a digest.
    pub(super) async fn find_digest(app: &App, digest: &Digest) -> Result<Option<Self>, PageError> {
        for purpose in [LinkPurpose::Activation, LinkPurpose::NewEmail] {
            let Some(link) = app.store.find_link(digest, purpose, app.now()).await? else {
                continue;
            };
            let Some(account) = app.store.find_account(UserId(link.subject)).await? else {
                continue;
            };
            if administration::fits(purpose, &account, app.now()) {
                let facts = LinkFacts::parse(&link.detail);
                let detail = link.detail;
                return Ok(Some(Self { digest: *digest, purpose, account, facts, detail }));
            }
        }
        Ok(None)
    }

    /// Sends a code to the phone. Each is counted before it is sent, and kills the one before (I3).
    pub(super) async fn send_code(
        &self,
        app: &App,
        browser: &Browser,
        channel: Channel,
        password_hash: &str,
    ) -> Result<Sent, PageError> {
        let (now, user) = (app.now(), &self.account.user);
        let counted = LinkFacts { sent: self.facts.sent + 1, ..self.facts.clone() }.to_text()?;
        let tx = app.store.begin().await?;
        let link = (&self.digest, self.purpose);
        let is_counted = self.facts.sent < CODES_PER_LINK
            && !tx.code_failures(user.id).await?.bars(now)
            && tx.replace_link_detail(link, (&self.detail, &counted), now).await?;
        tx.commit().await?;
        if !is_counted {
            return Ok(Sent::TooMany);
        }
        let secret = entropy::secret(app.entropy.as_ref(), "ap_");
        let digest = LoginDigest { login: secrets::digest(&secret), browser: browser.digest };
        let code = Code::draw(|| app.entropy.number());
        let code_mac = app.server_keys.code_mac(&digest, &code);
        let texts = Texts::for_locale(&user.locale);
        let message = notify::code_message(&texts, channel, user.phone.clone(), code);
        if let Err(error) = app.gateway.send(message).await {
            tracing::warn!(%error, "a code was not taken");
            return Ok(Sent::NotTaken);
        }
        let proof = PhoneProof {
            link: self.digest,
            is_new_email: self.purpose == LinkPurpose::NewEmail,
            password_hash: password_hash.to_owned(),
            channel: channel.as_str().to_owned(),
            number: Some(mark_of_number(&secret, &user.phone)),
            code_mac,
            sent_at: app.now().millis(),
            tries: 0,
        };
        let new = NewLink {
            digest: bound(&digest),
            purpose: LinkPurpose::PhoneProof,
            subject: user.id.0,
            detail: proof.to_text()?,
        };
        let tx = app.store.begin().await?;
        tx.insert_link(&new, app.now()).await?;
        tx.commit().await?;
        Ok(Sent::Code(secret))
    }
}

impl PhoneProof {
    fn to_text(&self) -> Result<String, PageError> {
        serde_json::to_string(self).map_err(|_| PageError::internal("a proof cannot be written"))
    }

    /// Whether a code can still be right: sent less than three minutes ago (I2), with tries left (O11).
    fn is_open(&self, now: Timestamp) -> bool {
        let age = now.millis_since(Timestamp::from_millis(self.sent_at));
        age < CODE_LIFETIME_SECONDS * 1000 && self.tries < TRIES_PER_LOGIN
    }

    /// What the link is for.
    pub(super) const fn purpose(&self) -> LinkPurpose {
        if self.is_new_email { LinkPurpose::NewEmail } else { LinkPurpose::Activation }
    }
}

impl Waiting {
    /// The proof that this browser waits for.
    pub(super) async fn find(
        app: &App,
        browser: &Browser,
        headers: &HeaderMap,
    ) -> Result<Option<Self>, PageError> {
        let Some(secret) = Cookie::Activation.read(headers, &app.issuer) else {
            return Ok(None);
        };
        let digest = LoginDigest { login: secrets::digest(&secret), browser: browser.digest };
        let found =
            app.store.find_link(&bound(&digest), LinkPurpose::PhoneProof, app.now()).await?;
        Ok(found.and_then(|link| {
            let proof = serde_json::from_str(&link.detail).ok()?;
            Some(Self { secret, digest, user: UserId(link.subject), proof, detail: link.detail })
        }))
    }

    /// Whether a code can still be right, and went to the number that the person has now: one that an administrator
    /// replaced proves nothing (O14, E5).
    pub(super) fn is_open(&self, phone: &PhoneNumber, now: Timestamp) -> bool {
        let is_number = |mark: Digest| mark == mark_of_number(&self.secret, phone);
        self.proof.is_open(now) && self.proof.number.is_none_or(is_number)
    }

    /// Claims a try, then compares; `None` when there is nothing to compare with any more. A try counts for the
    /// account too, so that many links are no more tries than one (security.md 62).
    pub(super) async fn compare(
        &self,
        app: &App,
        (phone, code): (&PhoneNumber, &Code),
    ) -> Result<Option<bool>, PageError> {
        let now = app.now();
        if !self.is_open(phone, now) {
            return Ok(None);
        }
        let claimed = PhoneProof { tries: self.proof.tries + 1, ..self.proof.clone() }.to_text()?;
        let tx = app.store.begin().await?;
        let digest = bound(&self.digest);
        let link = (&digest, LinkPurpose::PhoneProof);
        let is_claimed = tx.replace_link_detail(link, (&self.detail, &claimed), now).await?
            && tx.count_code_try(self.user, now).await?;
        tx.commit().await?;
        if !is_claimed {
            return Ok(None);
        }
        Ok(Some(app.server_keys.is_code(&self.digest, code, &self.proof.code_mac)))
    }
}

/// A number, as nobody reads it who has not the secret.
fn mark_of_number(secret: &str, phone: &PhoneNumber) -> Digest {
    secrets::digest(&format!("{secret} {}", phone.as_e164()))
}

/// The secret together with the browser that it was given to: worthless in any other.
fn bound(digest: &LoginDigest) -> Digest {
    secrets::digest(&format!("{:02x?}{:02x?}", digest.login, digest.browser))
}
