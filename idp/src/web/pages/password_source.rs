//! Whose wrong passwords these would be: those of a device on which the person has signed in before, or those of a
//! network address, each for one e-mail address (security.md 63). All doors that take a password share the counter.

use portal_core::{email::EmailKey, id::UserId};
use storage::{Account, Digest};
use uuid::Uuid;

use crate::{
    App, secrets,
    web::{browser::Browser, error::PageError, request_id::RequestContext},
};

/// The source of a try. An unknown address takes the same way as a known one.
pub(super) async fn of(
    app: &App,
    browser: &Browser,
    context: &RequestContext,
    (key, account): (&EmailKey, Option<&Account>),
) -> Result<Digest, PageError> {
    let user = account.map_or(UserId(Uuid::nil()), |account| account.user.id);
    let from = if app.store.is_known_device(&browser.digest, user).await? {
        format!("device {:02x?}", browser.digest)
    } else {
        format!("network {:?}", context.ip)
    };
    Ok(secrets::digest(&format!("{from} {}", key.as_str())))
}
