//! Profile, tab "Applications you allowed": what clients may hear, and taking it back (OpenID Connect Core 3.1.2.4).

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use portal_core::{
    audit::{AuditAction, AuditActor, AuditEvent},
    permission::Action,
};
use serde_json::json;
use storage::Consent;

use super::{own, person::PersonView};
use crate::{
    App,
    texts::Texts,
    web::{
        allowance_text,
        browser::Browser,
        chrome::{self, Chrome},
        client_view::readable_name,
        error::PageError,
        form::OwnForm,
        request_id::RequestContext,
        visitor::SignedIn,
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

/// Who asks, and how.
struct Visit<'a> {
    app: &'a App,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
}

/// `GET /profile/applications`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::ViewOwnProfile)?;
    let visit = Visit { app: &app, browser, context, who };
    visit.page(None).await
}

/// `POST /profile/applications`: removes the access of a client.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    form: OwnForm,
) -> Result<Response, PageError> {
    own::check(&app, &who, Action::DecideOwnConsent)?;
    let visit = Visit { app: &app, browser, context, who };
    let notice = visit.revoke(form.get("client_id")).await?;
    visit.page(notice).await
}

impl Visit<'_> {
    /// Takes a consent back with all that hangs on it. `None` when it was not there (any more).
    async fn revoke(&self, client_id: &str) -> Result<Option<String>, PageError> {
        let (app, now, account) = (self.app, self.app.now(), &self.who.account);
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
            origin: self.context.origin(),
        })
        .await?;
        tx.commit().await?;
        let name = client.map_or_else(|| client_id.to_owned(), |c| readable_name(&c.name, &c.id));
        Ok(Some(self.context.texts.msg1("allowed-removed", "client", &name)))
    }

    async fn page(&self, notice: Option<String>) -> Result<Response, PageError> {
        let (app, context) = (self.app, &self.context);
        let consents = app.store.list_consents(self.who.account.user.id).await?;
        let view =
            |(name, consent): &(String, Consent)| consent_view(name, consent, &context.texts);
        chrome::page(&ConsentsPage {
            t: &context.texts,
            chrome: Chrome::personal(app, &self.browser, context, &self.who, "profile"),
            tab: "applications",
            person: PersonView::of(&self.who, &context.texts),
            notice,
            consents: consents.iter().map(view).collect(),
        })
    }
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
