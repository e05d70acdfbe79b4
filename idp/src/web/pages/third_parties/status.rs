//! Suspending, reactivating and closing a third party: the page says what follows from it and asks why (E55).

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    id::ThirdPartyId,
    nomination::Remark,
    organisation::{LevelName, LevelPath, ThirdPartyStatus},
    permission::Action,
};
use storage::ThirdParty;

use super::confirm::{Question, TextField};
use crate::{
    administration::{Administration, AdministrationError, Rule},
    web::{asking::Asking, error::PageError, form::OwnForm},
};

/// Which step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Suspend,
    Reactivate,
    Close,
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Reactivate => "reactivate",
            Self::Close => "close",
        }
    }
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
struct Answers {
    version: i64,
    reason: String,
    successor: String,
    is_reason_missing: bool,
    successor_error: Option<String>,
    error: Option<String>,
}

/// `GET /third-parties/{id}/suspend`.
pub(super) async fn show_suspend(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show(&asking, &id, Step::Suspend).await
}

/// `POST /third-parties/{id}/suspend`.
pub(super) async fn suspend(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    submit(&asking, &id, &form, Step::Suspend).await
}

/// `GET /third-parties/{id}/reactivate`.
pub(super) async fn show_reactivate(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show(&asking, &id, Step::Reactivate).await
}

/// `POST /third-parties/{id}/reactivate`.
pub(super) async fn reactivate(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    submit(&asking, &id, &form, Step::Reactivate).await
}

/// `GET /third-parties/{id}/close`.
pub(super) async fn show_close(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    show(&asking, &id, Step::Close).await
}

/// `POST /third-parties/{id}/close`.
pub(super) async fn close(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    submit(&asking, &id, &form, Step::Close).await
}

async fn show(asking: &Asking, id: &str, step: Step) -> Result<Response, PageError> {
    let third_party = super::load(asking, id, Action::SuspendThirdParty).await?;
    let answers = Answers { version: third_party.version, ..Answers::default() };
    ask(asking, &third_party, step, (StatusCode::OK, answers)).await
}

async fn submit(
    asking: &Asking,
    id: &str,
    form: &OwnForm,
    step: Step,
) -> Result<Response, PageError> {
    let third_party = super::load(asking, id, Action::SuspendThirdParty).await?;
    form.only(&["version", "reason", "successor"], &[])?;
    let mut answers = Answers {
        version: form.get("version").parse().map_err(|_| PageError::BadRequest)?,
        reason: form.get("reason").to_owned(),
        successor: form.get("successor").trim().to_owned(),
        ..Answers::default()
    };
    let reason = Remark::parse(&answers.reason);
    let successor = find_successor(asking, &answers.successor).await?;
    answers.is_reason_missing = reason.is_err();
    answers.successor_error = successor.is_none().then(|| asking.text("third-party-error-named"));
    let (Ok(reason), Some(successor)) = (reason, successor) else {
        return ask(asking, &third_party, step, (StatusCode::UNPROCESSABLE_ENTITY, answers)).await;
    };
    let administration = asking.administration();
    let seen = (third_party.id, answers.version);
    match take(&administration, seen, (step, successor), &reason).await {
        Ok(done) => Ok(Redirect::to(&format!("/third-parties/{id}?done={done}")).into_response()),
        Err(AdministrationError::Stale) => {
            let stored = super::load(asking, id, Action::SuspendThirdParty).await?;
            answers.version = stored.version;
            answers.error = Some(asking.text("third-party-stale"));
            ask(asking, &stored, step, (StatusCode::CONFLICT, answers)).await
        }
        Err(AdministrationError::Rule(rule)) => {
            let text = Some(asking.text(rule.key()));
            match rule {
                Rule::Successor => answers.successor_error = text,
                _ => answers.error = text,
            }
            ask(asking, &third_party, step, (StatusCode::UNPROCESSABLE_ENTITY, answers)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes the step. The word for what was done.
async fn take(
    administration: &Administration<'_>,
    (id, version): (ThirdPartyId, i64),
    (step, successor): (Step, Option<ThirdPartyId>),
    reason: &Remark,
) -> Result<&'static str, AdministrationError> {
    let reason = reason.as_str();
    match step {
        Step::Suspend => {
            administration.suspend_third_party(id, version, reason).await?;
            Ok("suspended")
        }
        Step::Reactivate => match administration.reactivate_third_party(id, version, reason).await?
        {
            ThirdPartyStatus::Orphaned => Ok("orphaned"),
            _ => Ok("reactivated"),
        },
        Step::Close => {
            administration.close_third_party(id, version, reason, successor).await?;
            Ok("closed")
        }
    }
}

/// The third party whose level under Root has that name. Nobody when nothing was typed; `None` when there is none.
async fn find_successor(
    asking: &Asking,
    level: &str,
) -> Result<Option<Option<ThirdPartyId>>, PageError> {
    if level.is_empty() {
        return Ok(Some(None));
    }
    Ok(find_by_level(asking, level).await?.map(Some))
}

/// The third party whose level under Root has that name.
pub(super) async fn find_by_level(
    asking: &Asking,
    name: &str,
) -> Result<Option<ThirdPartyId>, PageError> {
    let Ok(name) = LevelName::parse(name) else {
        return Ok(None);
    };
    let level = asking.app.store.find_level(&LevelPath::root().child(&name)).await?;
    Ok(level.and_then(|level| level.third_party_id))
}

async fn ask(
    asking: &Asking,
    third_party: &ThirdParty,
    step: Step,
    (status, answers): (StatusCode, Answers),
) -> Result<Response, PageError> {
    let (texts, name) = (asking.texts(), third_party.legal_name.as_str());
    let back = format!("/third-parties/{}", third_party.id);
    let mut fields = vec![Question::reason(asking, &answers.reason, answers.is_reason_missing)];
    if step == Step::Close {
        fields.push(TextField {
            name: "successor",
            label: asking.text("third-party-successor"),
            hint: asking.text("third-party-successor-hint"),
            value: answers.successor,
            error: answers.successor_error,
        });
    }
    let question = Question {
        action: format!("{back}/{}", step.name()),
        back,
        name: name.to_owned(),
        title: texts.msg1(&format!("third-party-{}-title", step.name()), "name", name),
        consequences: consequences(asking, third_party, step).await?,
        hidden: vec![("version", answers.version.to_string())],
        fields,
        button: texts.msg(&format!("third-party-{}", step.name())),
        is_harmless: step == Step::Reactivate,
        error: answers.error,
    };
    question.page(asking, status)
}

/// What follows, with how many it concerns.
async fn consequences(
    asking: &Asking,
    third_party: &ThirdParty,
    step: Step,
) -> Result<Vec<String>, PageError> {
    let (store, texts) = (&asking.app.store, asking.texts());
    let people = store.count_people(third_party.id).await?;
    let held = store.count_access(third_party.id, None).await?;
    let count = |key: &str, count: u64| texts.msg1(key, "count", &count.to_string());
    let told = || texts.msg("third-party-administrators-told");
    Ok(match step {
        Step::Suspend => vec![
            count("third-party-suspend-people", people),
            texts.msg("third-party-suspend-ends"),
            texts.msg_with(
                "third-party-suspend-kept",
                [
                    ("memberships", &*held.memberships.to_string()),
                    ("roles", &held.roles.to_string()),
                ],
            ),
            told(),
        ],
        Step::Reactivate => vec![
            count("third-party-reactivate-people", people),
            texts.msg("third-party-reactivate-nothing"),
            texts.msg("third-party-reactivate-orphaned"),
            told(),
        ],
        Step::Close => {
            let onboarded = store.list_onboarded_applications(third_party.id).await?;
            let codes: Vec<String> = onboarded.into_iter().map(|of| of.code).collect();
            vec![
                count("third-party-close-people", people),
                count("third-party-ends-memberships", held.memberships),
                count("third-party-ends-roles", held.roles),
                texts.msg1("third-party-close-applications", "applications", &codes.join(", ")),
                texts.msg("third-party-close-nominations"),
                told(),
                texts.msg("third-party-close-final"),
            ]
        }
    })
}
