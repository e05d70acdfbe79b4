//! `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use askama::Template;
use axum::{
    body::Body,
    extract::{FromRequest as _, Request, State},
    http::{
        Uri,
        header::{CONTENT_SECURITY_POLICY, SET_COOKIE},
    },
    response::Response,
};
use oidc_core::{
    client::Client,
    discovery,
    logout::{self, AfterLogout, BrowserSession, Hint, HintedSession, LogoutError, Step},
    params::Params,
};

use super::{request_params, respond, verify};
use crate::{
    App, session_end, subject,
    texts::Texts,
    web::{
        browser::Browser,
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        form::OwnForm,
        headers::{Source, policy_leading_to},
        request_id::RequestContext,
        visitor::{CurrentSession, LiveSession},
    },
};

/// Parameters that the question keeps for its answer.
const KEPT: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

#[derive(Template)]
#[template(path = "logout_confirm.html")]
struct ConfirmPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    client_name: Option<String>,
    fields: Vec<(String, String)>,
}

/// A browser that wants to sign out.
struct Visit<'a> {
    app: &'a App,
    browser: Browser,
    context: RequestContext,
    live: Option<LiveSession>,
}

/// `GET /oauth2/logout`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    uri: Uri,
) -> Result<Response, PageError> {
    let params = request_params::of_query(&uri).map_err(|_| PageError::BadRequest)?;
    let visit = Visit { app: &app, browser, context, live };
    let (client, step) = visit.decide(&params).await?;
    match step {
        Step::End(after) => visit.end(after).await,
        Step::Done(after) => visit.done(after),
        Step::Confirm(after) => visit.ask(&params, client, &after),
    }
}

/// `POST /oauth2/logout`: the person's answer to our question; or the request itself, which from another site comes
/// without cookies and is therefore turned into a `GET`.
pub(super) async fn post(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    CurrentSession(live): CurrentSession,
    request: Request,
) -> Result<Response, PageError> {
    let (parts, body) = request.into_parts();
    let body = request_params::read_body(body).await.map_err(|_| PageError::BadRequest)?;
    let params = Params::parse(&body).map_err(|_| PageError::BadRequest)?;
    if params.get("csrf_token").is_none() {
        return respond::as_get(discovery::LOGOUT.path, &body);
    }
    OwnForm::from_request(Request::from_parts(parts, Body::from(body)), &app).await?;
    let visit = Visit { app: &app, browser, context, live };
    match visit.decide(&params).await? {
        (_, Step::End(after) | Step::Confirm(after)) => visit.end(after).await,
        (_, Step::Done(after)) => visit.done(after),
    }
}

impl Visit<'_> {
    async fn decide(&self, params: &Params) -> Result<(Option<Client>, Step), PageError> {
        let refuse = |error: LogoutError| {
            tracing::info!(%error, "sign-out refused");
            match error {
                LogoutError::Repeated | LogoutError::BadHint => PageError::BadRequest,
                LogoutError::BadClient | LogoutError::BadRedirect => PageError::BadClient,
            }
        };
        let hint = self.hint(params);
        let client = match logout::requested_client(params, &hint).map_err(refuse)? {
            Some(id) => self.app.store.find_client(&id).await?,
            None => None,
        };
        let session = self.live.as_ref().map(|LiveSession { session, .. }| BrowserSession {
            // As the client of the hint knows the person; without a client there is no hint to compare.
            subject: client
                .as_ref()
                .map(|client| subject::of(&self.app.server_keys, client, session.user_id))
                .unwrap_or_default(),
            sid: session.sid.clone(),
        });
        let step = logout::decide(params, &hint, client.as_ref(), session.as_ref());
        Ok((client, step.map_err(refuse)?))
    }

    fn hint(&self, params: &Params) -> Hint {
        let Some(token) = params.get("id_token_hint") else {
            return Hint::Absent;
        };
        let Ok(claims) = verify::id_token_hint(self.app, token) else {
            return Hint::Invalid;
        };
        match (claims.text("sub"), claims.text("aud")) {
            (Some(subject), Some(client_id)) => Hint::Valid(HintedSession {
                subject: subject.to_owned(),
                client_id: client_id.to_owned(),
                sid: claims.text("sid").map(str::to_owned),
            }),
            _ => Hint::Invalid,
        }
    }

    /// Ends the session and goes on.
    async fn end(&self, after: AfterLogout) -> Result<Response, PageError> {
        if let Some(live) = &self.live {
            session_end::end(self.app, &self.context, live, "sign-out of a client").await?;
        }
        self.done(after)
    }

    /// Goes on, without the cookie of the session.
    fn done(&self, after: AfterLogout) -> Result<Response, PageError> {
        let mut response = match after {
            AfterLogout::Page => respond::see_other("/signed-out")?,
            AfterLogout::Redirect(address) => respond::see_other(&address)?,
        };
        let cookie = Cookie::Session.clear(&self.app.issuer);
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(response)
    }

    /// Asks the person. The answer may lead to the client, so the page's policy has to let it.
    fn ask(
        &self,
        params: &Params,
        client: Option<Client>,
        after: &AfterLogout,
    ) -> Result<Response, PageError> {
        let kept =
            KEPT.iter().filter_map(|name| Some(((*name).to_owned(), params.get(name)?.to_owned())));
        let chrome = Chrome::public(
            self.app,
            &self.browser,
            &self.context,
            self.live.as_ref().map(|live| &live.session),
        );
        let mut page = chrome::page(&ConfirmPage {
            t: &self.context.texts,
            chrome,
            client_name: client.map(|client| client.name),
            fields: kept.collect(),
        })?;
        if let AfterLogout::Redirect(address) = after {
            let policy = policy_leading_to(Source::of(address).as_ref());
            page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        Ok(page)
    }
}
