//! The form: saved as often as one likes, also half filled in.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access::Application,
    nomination::{
        EvidenceError, NominationStatus,
        draft::{Complete, Draft, DraftFault, DraftPerson},
    },
};
use serde::Deserialize;
use storage::Evidence;

use super::{Found, Opened, Visit, WRONG, state};
use crate::{
    administration::{AdministrationError, draft_mark, in_office},
    secrets,
    texts::Texts,
    web::{
        chrome::{self, Chrome},
        cookie::Cookie,
        error::PageError,
        nomination_form::{self, NominationForm, Press},
        query::Query,
        upload::Upload,
    },
};

/// The link of the mail, or what was done.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    link: String,
    #[serde(default)]
    done: String,
}

/// What is filled in so far.
pub(super) struct Stored {
    /// What was typed.
    pub(super) draft: Draft,
    /// The document.
    pub(super) evidence: Option<Evidence>,
    /// What whoever saves has seen.
    pub(super) mark: String,
    /// All applications.
    pub(super) known: Vec<Application>,
}

#[derive(Template)]
#[template(path = "nominate/form.html")]
struct FormPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    mark: &'a str,
    third_party: &'a str,
    email: &'a str,
    until: String,
    question: Option<&'a str>,
    notice: Option<String>,
    error: Option<String>,
    form: NominationForm,
}

/// `GET /nominate`: with a link, it goes into the cookie; without one, the form.
pub(super) async fn show(
    visit: Visit,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    if !wanted.link.is_empty() {
        return open(&visit, &wanted.link).await;
    }
    let opened = match visit.find().await? {
        Found::Open(opened) => opened,
        other => return state::page(&visit, &other),
    };
    let stored = Stored::load(&visit, &opened).await?;
    let form = NominationForm::of(&stored.draft, &stored.known);
    let saved = (wanted.done == "saved").then(|| visit.context.texts.msg("nominate-saved"));
    page(&visit, &opened, (&stored, form), (saved, None))
}

async fn open(visit: &Visit, secret: &str) -> Result<Response, PageError> {
    if matches!(visit.follow(&secrets::digest(secret)).await?, Found::Nothing) {
        return state::page(visit, &Found::Nothing);
    }
    let headers = AppendHeaders([
        (header::SET_COOKIE, Cookie::Nomination.set(secret, &visit.app.issuer)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]);
    Ok((headers, Redirect::to("/nominate")).into_response())
}

/// `POST /nominate`: whatever was typed is kept, then what the button says.
pub(super) async fn save(visit: Visit, upload: Upload) -> Result<Response, PageError> {
    let opened = match visit.find().await? {
        Found::Open(opened) => opened,
        other => return state::page(&visit, &other),
    };
    let read = upload.read(|token| visit.is_own(token), nomination_form::DOCUMENT).await;
    let (form, file) = read?;
    form.only(
        &[&["nomination", "seen"][..], &nomination_form::FIELDS].concat(),
        &nomination_form::BEGINNINGS,
    )?;
    opened.check_form(form.get("nomination"))?;
    let press = Press::of(&form);
    let mut draft = nomination_form::read(&form);
    press.apply(&mut draft);
    let document = nomination_form::document(file);
    let text = serde_json::to_string(&draft).map_err(|_| PageError::internal("draft"))?;
    let seen = (&opened.link, form.get("seen"));
    let evidence = document.as_ref().ok().and_then(Option::as_ref);
    let saved = visit.administration().save_nomination(seen, &text, evidence).await;
    let mut stored = Stored::load(&visit, &opened).await?;
    match saved {
        Ok(()) => {}
        Err(AdministrationError::Stale) => {
            let form = NominationForm::of(&draft, &stored.known);
            let error = Some(visit.context.texts.msg("nominate-stale"));
            let page = page(&visit, &opened, (&stored, form), (None, error))?;
            return Ok((StatusCode::CONFLICT, page).into_response());
        }
        // The link ended meanwhile, or the third party was barred.
        Err(AdministrationError::Missing(_) | AdministrationError::Rule(_)) => {
            return state::page(&visit, &visit.find().await?);
        }
        Err(error) => return Err(error.into()),
    }
    stored.draft = draft;
    after_saving(&visit, &opened, &stored, (press, document.err())).await
}

/// On to where the button leads, or back to the form with what is wrong.
async fn after_saving(
    visit: &Visit,
    opened: &Opened,
    stored: &Stored,
    (press, document): (Press, Option<EvidenceError>),
) -> Result<Response, PageError> {
    let faults = match press {
        Press::Review => stored.check(visit, opened).await?.err().unwrap_or_default(),
        _ => Vec::new(),
    };
    let lacks_document = press == Press::Review && stored.evidence.is_none();
    if faults.is_empty() && document.is_none() && !lacks_document {
        let to = match press {
            Press::Review => "/nominate/review",
            Press::Save => "/nominate?done=saved",
            Press::Add | Press::Remove(_) => "/nominate#people",
        };
        return Ok(Redirect::to(to).into_response());
    }
    refuse(visit, opened, stored, (&faults, document, lacks_document))
}

/// The form with what keeps it from being handed in.
pub(super) fn refuse(
    visit: &Visit,
    opened: &Opened,
    stored: &Stored,
    (faults, document, lacks_document): (&[DraftFault], Option<EvidenceError>, bool),
) -> Result<Response, PageError> {
    let texts = &visit.context.texts;
    let mut form = NominationForm::of(&stored.draft, &stored.known);
    form.show(faults, texts);
    if document.is_some() || lacks_document {
        form.show_document(document, texts);
    }
    let page = page(visit, opened, (stored, form), (None, None))?;
    Ok((WRONG, page).into_response())
}

impl Stored {
    /// What is filled in so far: at first, what is known already.
    pub(super) async fn load(visit: &Visit, opened: &Opened) -> Result<Self, PageError> {
        let (store, id) = (&visit.app.store, opened.nomination.id);
        let text = store.find_nomination_draft(id).await?;
        let evidence = store.find_evidence(id).await?;
        let mark = draft_mark(text.as_deref(), evidence.as_ref().map(|of| &of.sha256));
        let draft = match text.and_then(|text| serde_json::from_str(&text).ok()) {
            Some(draft) => draft,
            None => Self::first(visit, opened).await?,
        };
        Ok(Self { draft, evidence, mark, known: store.list_applications().await? })
    }

    async fn first(visit: &Visit, opened: &Opened) -> Result<Draft, PageError> {
        let third_party = opened.third_party.id;
        let onboarded = visit.app.store.list_onboarded_applications(third_party).await?;
        Ok(Draft {
            name: opened.nomination.signatory.name.clone(),
            function: opened.nomination.signatory.function.clone(),
            applications: onboarded.into_iter().map(|application| application.code).collect(),
            people: vec![DraftPerson::default(), DraftPerson::default()],
        })
    }

    /// What can be handed in, or what is wrong.
    pub(super) async fn check(
        &self,
        visit: &Visit,
        opened: &Opened,
    ) -> Result<Result<Complete, Vec<DraftFault>>, PageError> {
        let administered = visit.app.store.find_administered(opened.third_party.id).await?;
        let (office, signatory) =
            (in_office(administered, visit.app.now()), &opened.nomination.signatory.email);
        Ok(self.draft.check(&self.known, &office, signatory))
    }
}

fn page(
    visit: &Visit,
    opened: &Opened,
    (stored, form): (&Stored, NominationForm),
    (notice, error): (Option<String>, Option<String>),
) -> Result<Response, PageError> {
    let (texts, nomination) = (&visit.context.texts, &opened.nomination);
    let is_returned = nomination.status == NominationStatus::Returned;
    chrome::page(&FormPage {
        t: texts,
        chrome: visit.chrome(),
        id: nomination.id.to_string(),
        mark: &stored.mark,
        third_party: &opened.third_party.legal_name,
        email: &nomination.signatory.email,
        until: texts.instant(opened.expires_at),
        question: nomination.remark.as_deref().filter(|_| is_returned),
        notice,
        error,
        form: form.with_document(stored.evidence.as_ref()),
    })
}
