//! One nomination, as the reviewer needs it: who signs, who is named for what, what to beware of.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use portal_core::{nomination::NominationStatus, permission::Action};
use serde::Deserialize;

use super::{
    Seen,
    nominee::{self, NomineeView},
};
use crate::{
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        person_name::name_of,
        query::Query,
    },
};

/// What the person may do now.
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
struct Rights {
    review: bool,
    confirm: bool,
    /// It could be confirmed, but not by whoever filed or confirmed it (E58).
    is_originator: bool,
    refuse: bool,
    withdraw: bool,
    resend: bool,
}

#[derive(Template)]
#[template(path = "nominations/view.html")]
struct ViewPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    version: i64,
    third_party: String,
    state: String,
    mark: &'static str,
    signatory: String,
    function: String,
    email: String,
    way: String,
    since: String,
    applications: String,
    evidence: Option<(String, u32)>,
    remark: Option<String>,
    nominees: Vec<NomineeView>,
    confirmations: Vec<(String, String)>,
    rights: Rights,
    lei: String,
    error: Option<String>,
    notice: Option<(bool, String)>,
}

/// What was done.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /nominations/{id}`.
pub(super) async fn show(
    asking: Asking,
    (Path(id), Query(done)): (Path<String>, Query<Done>),
) -> Result<Response, PageError> {
    let seen = super::load(&asking, &id, Action::ViewNomination).await?;
    let notice = notice(&done.done, asking.texts());
    page(&asking, &seen, (None, notice)).await
}

/// What was done, as it is told.
fn notice(done: &str, texts: &Texts) -> Option<(bool, String)> {
    let (is_good, key) = match done {
        "invited" => (true, "nomination-done-invited"),
        "filed" => (true, "nomination-done-filed"),
        "reviewing" => (true, "nomination-done-reviewing"),
        "returned" => (true, "nomination-done-returned"),
        "confirmed-once" => (true, "nomination-done-confirmed-once"),
        "appointed" => (true, "nomination-done-appointed"),
        "told" => (true, "nomination-done-told"),
        "link-unsent" => (false, "nomination-done-link-unsent"),
        "invitations-unsent" => (false, "nomination-done-invitations-unsent"),
        "unsent" => (false, "nomination-done-unsent"),
        _ => return None,
    };
    Some((is_good, texts.msg(key)))
}

/// The page, with what went wrong or was done.
pub(super) async fn page(
    asking: &Asking,
    seen: &Seen,
    (error, notice): (Option<String>, Option<(bool, String)>),
) -> Result<Response, PageError> {
    let (store, texts, nomination) = (&asking.app.store, asking.texts(), &seen.nomination);
    let all = store.list_applications().await?;
    let evidence = store.find_evidence(nomination.id).await?;
    let (state, mark) = super::state(nomination.status);
    let asked: Vec<&str> = all
        .iter()
        .filter(|application| nomination.applications.contains(&application.id))
        .map(|application| application.code.as_str())
        .collect();
    let way = if nomination.on_paper { "nomination-on-paper" } else { "nomination-by-link" };
    chrome::page(&ViewPage {
        t: texts,
        chrome: asking.chrome("nav-nominations"),
        id: nomination.id.to_string(),
        version: nomination.version,
        third_party: seen.third_party.legal_name.clone(),
        state: texts.msg(state),
        mark,
        signatory: nomination.signatory.name.clone(),
        function: nomination.signatory.function.clone(),
        email: nomination.signatory.email.clone(),
        way: texts.msg(way),
        since: texts.instant(nomination.submitted_at.unwrap_or(nomination.created_at)),
        applications: asked.join(", "),
        evidence: evidence.map(|of| (of.file_name, of.bytes.div_ceil(1024))),
        remark: nomination.remark.clone(),
        nominees: nominee::views(asking, seen, &all).await?,
        confirmations: confirmations(asking, seen).await?,
        rights: rights(asking, seen),
        lei: seen.third_party.lei.clone().unwrap_or_default(),
        error,
        notice,
    })
}

/// Who has confirmed, and when.
async fn confirmations(asking: &Asking, seen: &Seen) -> Result<Vec<(String, String)>, PageError> {
    let (store, texts) = (&asking.app.store, asking.texts());
    let given = store.list_confirmations(seen.nomination.id).await?;
    let people: Vec<_> = given.iter().map(|confirmation| confirmation.by).collect();
    let accounts = store.list_accounts(&people).await?;
    let name = |id| {
        let account = accounts.iter().find(|account| account.user.id == id);
        account.map_or_else(|| texts.msg("former-user"), |account| name_of(account, texts))
    };
    Ok(given.iter().map(|one| (name(one.by), texts.instant(one.at))).collect())
}

fn rights(asking: &Asking, seen: &Seen) -> Rights {
    let allows = |action| asking.is_allowed(action, &seen.object);
    let status = seen.nomination.status;
    let is_in_review = status == NominationStatus::InReview;
    let refuse = allows(Action::RefuseNomination);
    Rights {
        review: refuse && status == NominationStatus::Submitted,
        confirm: is_in_review && allows(Action::ConfirmNomination),
        is_originator: is_in_review && refuse && !allows(Action::ConfirmNomination),
        refuse: is_in_review && refuse,
        withdraw: refuse && !status.is_final(),
        resend: allows(Action::FileNomination)
            && matches!(status, NominationStatus::Draft | NominationStatus::Returned),
    }
}

/// `GET /nominations/{id}/evidence`: to be stored, never shown by the browser (security.md 107).
pub(super) async fn evidence(
    asking: Asking,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let seen = super::load(&asking, &id, Action::ViewNomination).await?;
    let document = asking.app.store.open_evidence(seen.nomination.id).await?;
    let document = document.ok_or(PageError::NotFound)?;
    let name = format!("attachment; filename=\"nomination-{}.pdf\"", seen.nomination.id);
    let name = HeaderValue::from_str(&name).map_err(|_| PageError::internal("file name"))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, document).into_response())
}
