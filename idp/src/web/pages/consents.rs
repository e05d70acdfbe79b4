//! Profile, tab "Applications you allowed": what clients may hear, and taking it back (OpenID Connect Core 3.1.2.4).

use askama::Template;
use axum::response::Response;
use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent},
    permission::Action,
};
use serde_json::json;
use storage::Consent;

use super::person::PersonView;
use crate::{
    texts::Texts,
    web::{
        allowance_text,
        asking::Asking,
        chrome::{self, Chrome},
        client_view::readable_name,
        error::PageError,
        form::OwnForm,
    },
};

/// A client that may hear of the person.
struct ConsentView {
    client_id: String,
    name: String,
    /// What it gets.
    items: Vec<String>,
    granted: String,
    used: Option<String>,
}

#[derive(Template)]
#[template(path = "profile_applications.html")]
struct ConsentsPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    tab: &'static str,
    person: PersonView,
    notice: Option<String>,
    consents: Vec<ConsentView>,
}

/// `GET /profile/applications`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    asking.may_own(Action::ViewOwnProfile)?;
    page(&asking, None).await
}

/// `POST /profile/applications`: removes the access of a client.
pub(super) async fn revoke(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    asking.may_own(Action::DecideOwnConsent)?;
    form.only(&["client_id"], &[])?;
    let notice = withdraw(&asking, form.get("client_id")).await?;
    page(&asking, notice).await
}

/// Takes a consent back with all that hangs on it. `None` when it was not there (any more).
async fn withdraw(asking: &Asking, client_id: &str) -> Result<Option<String>, PageError> {
    let (app, now, account) = (&asking.app, asking.app.now(), &asking.who.account);
    let client = app.store.find_client(client_id).await?;
    let tx = app.store.begin().await?;
    let Some(revoked) = tx.revoke_consent(account.user.id, client_id, now).await? else {
        return Ok(None);
    };
    tx.append_audit(&AuditEvent {
        at: now,
        actor: AuditActor::User(account.user.id),
        action: AuditAction::ConsentRevoked,
        object: format!("client:{client_id}"),
        level_id: Some(account.level.id),
        detail: json!({
            "scope": revoked.allowance.scope.to_string(),
            "resources": revoked.allowance.resources,
            "grants_ended": revoked.grants,
            "sessions_told_of": revoked.told,
        }),
        origin: asking.context.origin(),
    })
    .await?;
    tx.commit().await?;
    let name = client.map_or_else(|| client_id.to_owned(), |c| readable_name(&c.name, &c.id));
    Ok(Some(asking.texts().msg1("allowed-removed", "client", &name)))
}

async fn page(asking: &Asking, notice: Option<String>) -> Result<Response, PageError> {
    let (app, texts) = (&asking.app, asking.texts());
    let consents = app.store.list_consents(asking.who.account.user.id).await?;
    let view = |(name, consent): &(String, Consent)| consent_view(name, consent, texts);
    chrome::page(&ConsentsPage {
        t: texts,
        chrome: asking.chrome("profile"),
        tab: "applications",
        person: PersonView::of(asking),
        notice,
        consents: consents.iter().map(view).collect(),
    })
}

fn consent_view(name: &str, consent: &Consent, texts: &Texts) -> ConsentView {
    ConsentView {
        name: readable_name(name, &consent.client_id),
        items: allowance_text::lines(&consent.allowance, texts),
        granted: texts.instant(consent.granted_at),
        used: consent.used_at.map(|at| texts.instant(at)),
        client_id: consent.client_id.clone(),
    }
}
