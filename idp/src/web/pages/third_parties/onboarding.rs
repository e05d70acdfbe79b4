//! Onboarding a third party to an application, and taking that back (I10, O37).

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{access::Application, permission::Action};
use serde::Deserialize;
use storage::{AccessCount, ThirdParty};

use super::confirm::Question;
use crate::{
    administration::AdministrationError,
    web::{asking::Asking, error::PageError, form::OwnForm, query::Query},
};

/// Which application.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    application: String,
}

/// `POST /third-parties/{id}/onboard`.
pub(super) async fn onboard(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::OnboardThirdParty).await?;
    form.only(&["application"], &[])?;
    let application = asking.app.store.find_application(form.get("application")).await?;
    let application = application.ok_or(PageError::BadRequest)?;
    asking.administration().onboard(third_party.id, &application).await?;
    Ok(Redirect::to(&format!("/third-parties/{id}?done=onboarded")).into_response())
}

/// `GET /third-parties/{id}/offboard`: what would end.
pub(super) async fn show_offboard(
    asking: Asking,
    (Path(id), Query(wanted)): (Path<String>, Query<Wanted>),
) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::OnboardThirdParty).await?;
    // A form that was posted too late leads to this page without what stood in it.
    if wanted.application.is_empty() {
        return Ok(Redirect::to(&format!("/third-parties/{id}")).into_response());
    }
    let application = find_onboarded(&asking, &third_party, &wanted.application).await?;
    ask(&asking, &third_party, &application, (StatusCode::OK, None)).await
}

/// `POST /third-parties/{id}/offboard`.
pub(super) async fn offboard(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let third_party = super::load(&asking, &id, Action::OnboardThirdParty).await?;
    form.only(&["application", "memberships", "roles"], &[])?;
    let application = find_onboarded(&asking, &third_party, form.get("application")).await?;
    let figure = |name: &str| form.get(name).parse::<u64>().map_err(|_| PageError::BadRequest);
    let foreseen = AccessCount { memberships: figure("memberships")?, roles: figure("roles")? };
    let administration = asking.administration();
    match administration.offboard(third_party.id, &application, foreseen).await {
        Ok(()) => Ok(Redirect::to(&format!("/third-parties/{id}?done=offboarded")).into_response()),
        Err(AdministrationError::Stale) => {
            let error = Some(asking.text("third-party-stale-consequences"));
            ask(&asking, &third_party, &application, (StatusCode::CONFLICT, error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn find_onboarded(
    asking: &Asking,
    third_party: &ThirdParty,
    code: &str,
) -> Result<Application, PageError> {
    let onboarded = asking.app.store.list_onboarded_applications(third_party.id).await?;
    onboarded.into_iter().find(|of| of.code == code).ok_or(PageError::BadRequest)
}

async fn ask(
    asking: &Asking,
    third_party: &ThirdParty,
    application: &Application,
    (status, error): (StatusCode, Option<String>),
) -> Result<Response, PageError> {
    let texts = asking.texts();
    let held = asking.app.store.count_access(third_party.id, Some(application.id)).await?;
    let (memberships, roles) = (held.memberships.to_string(), held.roles.to_string());
    let back = format!("/third-parties/{}", third_party.id);
    let code = application.code.as_str();
    let question = Question {
        action: format!("{back}/offboard"),
        back,
        name: third_party.legal_name.clone(),
        title: texts.msg1("third-party-offboard-title", "application", code),
        consequences: vec![
            texts.msg1("third-party-ends-memberships", "count", &memberships),
            texts.msg1("third-party-ends-roles", "count", &roles),
            texts.msg1("third-party-offboard-sessions", "application", code),
            texts.msg("third-party-offboard-again"),
        ],
        hidden: vec![
            ("application", code.to_owned()),
            ("memberships", memberships),
            ("roles", roles),
        ],
        button: texts.msg("third-party-offboard"),
        error,
        ..Question::default()
    };
    question.page(asking, status)
}
