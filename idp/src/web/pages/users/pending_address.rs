//! A new address that waits for its proof (O15): shown with the account, and withdrawn by whoever may modify it.

use axum::{extract::Path, response::Response};
use portal_core::{one_time_link::LinkPurpose, permission::Action};
use storage::Account;

use super::state::lead_back;
use crate::{
    administration::LinkFacts,
    web::{asking::Asking, error::PageError, form::OwnForm, person_name::name_of},
};

/// What is said of the address: which, who entered it, and until when it can be proved.
pub(super) async fn text_of(
    asking: &Asking,
    account: &Account,
) -> Result<Option<String>, PageError> {
    let (store, texts) = (&asking.app.store, asking.texts());
    let (purpose, now) = (LinkPurpose::NewEmail, asking.app.now());
    let Some(link) = store.find_link_of(purpose, account.user.id.0, now).await? else {
        return Ok(None);
    };
    let facts = LinkFacts::parse(&link.detail);
    let by = match facts.by {
        Some(by) => store.find_account(by).await?.map(|by| name_of(&by, texts)),
        None => None,
    };
    let by = by.unwrap_or_else(|| asking.text("confirmations-nobody"));
    let address = facts.email.unwrap_or_default();
    let (at, until) = (texts.instant(link.created_at), texts.instant(link.expires_at));
    let said = [("by", &by), ("address", &address), ("at", &at), ("until", &until)];
    let said = said.map(|(name, value)| (name, value.as_str()));
    Ok(Some(texts.msg_with("users-pending-text", said)))
}

/// `POST /users/{id}/withdraw-address`.
pub(super) async fn withdraw(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let account = asking.account(&id, Action::ModifyUser).await?;
    form.only(&["version", "from"], &[])?;
    let version: i64 = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
    let done = asking.administration().withdraw_new_address(account.user.id, version).await;
    lead_back((account.user.id, &form), done, "withdrawn")
}
