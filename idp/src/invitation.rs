//! Mails with a one-time link (O9, O15). They are sent directly after the commit: a secret is not kept in a notice.
//! When the gateway does not take one, the administrator is told so, and "Resend activation" makes a new link.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use portal_core::{account::NewUser, id::UserId, one_time_link::LinkPurpose};
use storage::Digest;

use crate::{
    App,
    administration::{Administration, AdministrationError},
    entropy::{self, Entropy},
    notify::Message,
    secrets,
    texts::Texts,
};

/// A fresh link: its secret goes to its owner, its digest to the database.
pub struct FreshLink {
    secret: String,
    /// What is stored.
    pub digest: Digest,
}

impl FreshLink {
    /// Draws one.
    pub fn draw(app: &App) -> Self {
        Self::from_entropy(app.entropy.as_ref())
    }

    /// Draws one at the command line.
    pub(crate) fn from_entropy(source: &dyn Entropy) -> Self {
        let secret = entropy::secret(source, "al_");
        let digest = secrets::digest(&secret);
        Self { secret, digest }
    }

    /// The page that it opens.
    pub(crate) fn address(&self, issuer: &str, page: &str) -> String {
        format!("{issuer}{page}?link={}", self.secret)
    }

    /// Sends it; whether the gateway took the mail.
    pub async fn send(&self, app: &App, to: &str, purpose: LinkPurpose, locale: &str) -> bool {
        let texts = Texts::for_locale(locale);
        let key = match purpose {
            LinkPurpose::NewEmail => "mail-new-email",
            _ => "mail-activation",
        };
        let address = self.address(app.issuer.as_str(), "/activate");
        let message = Message::Email { to: to.to_owned(), text: texts.msg1(key, "link", &address) };
        match app.gateway.send(message).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "a mail with a link was not taken");
                false
            }
        }
    }
}

/// Creates an INVITED account and sends its activation link, in the language of `locale`: until the person says
/// otherwise, that of whoever invites. Returns the account, and whether the mail was taken.
///
/// # Errors
/// [`AdministrationError`]; then there is no account and no mail.
pub async fn invite(
    app: &App,
    administration: &Administration<'_>,
    new: &NewUser,
    locale: &str,
) -> Result<(UserId, bool), AdministrationError> {
    let link = FreshLink::draw(app);
    let user = administration.invite(new, &link.digest, locale).await?;
    let is_sent = link.send(app, new.email.as_str(), LinkPurpose::Activation, locale).await;
    Ok((user, is_sent))
}

/// Links that are sent at the same time.
const AT_ONCE: usize = 8;

/// Sends the activation links of people who were created together. Returns how many mails were not taken. It goes on
/// when whoever asked for it does not wait any more.
pub async fn send_all(app: &Arc<App>, links: Vec<(String, FreshLink)>, locale: String) -> usize {
    let app = Arc::clone(app);
    let sending = tokio::spawn(async move {
        let app = app.as_ref();
        let locale = locale.as_str();
        stream::iter(links)
            .map(|(to, link)| async move {
                link.send(app, &to, LinkPurpose::Activation, locale).await
            })
            .buffer_unordered(AT_ONCE)
            .filter(|is_sent| std::future::ready(!is_sent))
            .count()
            .await
    });
    sending.await.unwrap_or_default()
}

/// "Resend activation" (O9), also for whoever was nominated and is now invited. Whether the mail was taken.
///
/// # Errors
/// [`AdministrationError`].
pub async fn resend(
    app: &App,
    administration: &Administration<'_>,
    user: UserId,
) -> Result<bool, AdministrationError> {
    let link = FreshLink::draw(app);
    let account = administration.resend_activation(user, &link.digest).await?;
    let user = &account.user;
    Ok(link.send(app, &user.email, LinkPurpose::Activation, &user.locale).await)
}
