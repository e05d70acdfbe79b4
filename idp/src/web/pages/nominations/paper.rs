//! A nomination that came on paper, filed by staff: whoever files it does not confirm it (E58).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    access::Application,
    email::Email,
    nomination::{
        EvidenceError,
        draft::{Draft, DraftPerson},
    },
};
use storage::{NewEvidence, Signatory, ThirdParty};

use super::invite::email_key;
use crate::{
    administration::{AdministrationError, Submission, in_office},
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        nomination_form::{self, NominationForm, Press},
        upload::Upload,
    },
};

#[derive(Template)]
#[template(path = "nominations/paper.html")]
struct PaperPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    id: String,
    third_party: &'a str,
    email: &'a str,
    email_error: Option<String>,
    locale: &'a str,
    languages: Vec<(String, String)>,
    no_error: Option<String>,
    error: Option<String>,
    form: NominationForm,
}

/// What both requests begin with.
struct Filing {
    asking: Asking,
    third_party: ThirdParty,
    known: Vec<Application>,
}

/// What was typed.
struct Typed {
    draft: Draft,
    email: String,
    locale: String,
    document: Result<Option<NewEvidence>, EvidenceError>,
}

/// `GET /third-parties/{id}/nominations/paper`.
pub(super) async fn show(asking: Asking, Path(id): Path<String>) -> Result<Response, PageError> {
    let filing = Filing::begin(asking, &id).await?;
    let onboarded =
        filing.asking.app.store.list_onboarded_applications(filing.third_party.id).await?;
    let draft = Draft {
        applications: onboarded.into_iter().map(|application| application.code).collect(),
        people: vec![DraftPerson::default(), DraftPerson::default()],
        ..Draft::default()
    };
    let locale = "en".to_owned();
    let typed = Typed { draft, email: String::new(), locale, document: Ok(None) };
    let form = NominationForm::of(&typed.draft, &filing.known);
    filing.page(&typed, form, (None, None))
}

/// `POST /third-parties/{id}/nominations/paper`.
pub(super) async fn submit(
    asking: Asking,
    (Path(id), upload): (Path<String>, Upload),
) -> Result<Response, PageError> {
    let is_own = |token: &str| asking.is_own_token(token);
    let (form, file) = upload.read(is_own, nomination_form::DOCUMENT).await?;
    form.only(
        &[&["email", "locale"][..], &nomination_form::FIELDS].concat(),
        &nomination_form::BEGINNINGS,
    )?;
    let filing = Filing::begin(asking, &id).await?;
    let press = Press::of(&form);
    let mut draft = nomination_form::read(&form);
    press.apply(&mut draft);
    let typed = Typed {
        draft,
        email: form.get("email").to_owned(),
        locale: super::language(form.get("locale")),
        document: nomination_form::document(file),
    };
    match press {
        Press::Add | Press::Remove(_) => {
            let form = NominationForm::of(&typed.draft, &filing.known);
            filing.page(&typed, form, (None, None))
        }
        Press::Save | Press::Review => filing.file(typed).await,
    }
}

impl Filing {
    async fn begin(asking: Asking, id: &str) -> Result<Self, PageError> {
        let third_party = super::load_third_party(&asking, id).await?;
        let known = asking.app.store.list_applications().await?;
        Ok(Self { asking, third_party, known })
    }

    async fn file(&self, mut typed: Typed) -> Result<Response, PageError> {
        let (app, texts) = (&self.asking.app, self.asking.texts());
        let administered = app.store.find_administered(self.third_party.id).await?;
        let office = in_office(administered, app.now());
        let checked = typed.draft.check(&self.known, &office, &typed.email);
        let email = Email::parse(&typed.email);
        let (complete, email, evidence) = match (checked, email, &mut typed.document) {
            (Ok(complete), Ok(email), Ok(Some(evidence))) => {
                let empty = NewEvidence { file_name: String::new(), document: Vec::new() };
                (complete, email, std::mem::replace(evidence, empty))
            }
            (checked, email, document) => {
                let mut form = NominationForm::of(&typed.draft, &self.known);
                form.show(&checked.err().unwrap_or_default(), texts);
                match document {
                    Ok(Some(_)) => {}
                    Ok(None) => form.show_document(None, texts),
                    Err(error) => form.show_document(Some(*error), texts),
                }
                let email_error = email.err().map(|error| texts.msg(email_key(error)));
                return self.refuse(&typed, form, (email_error, None));
            }
        };
        let signatory = Signatory {
            email: email.as_str().to_owned(),
            locale: typed.locale.clone(),
            ..Signatory::default()
        };
        let mut submission = Submission::of(&typed.draft, complete, &signatory)?;
        submission.evidence = Some(evidence);
        let administration = self.asking.administration();
        match administration.file_nomination(self.third_party.id, &submission).await {
            Ok(id) => Ok(Redirect::to(&format!("/nominations/{id}?done=filed")).into_response()),
            Err(AdministrationError::Rule(rule)) => {
                let form = NominationForm::of(&typed.draft, &self.known);
                self.refuse(&typed, form, (None, Some(texts.msg(rule.key()))))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn refuse(
        &self,
        typed: &Typed,
        form: NominationForm,
        errors: (Option<String>, Option<String>),
    ) -> Result<Response, PageError> {
        let page = self.page(typed, form, errors)?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    fn page(
        &self,
        typed: &Typed,
        mut form: NominationForm,
        (email_error, error): (Option<String>, Option<String>),
    ) -> Result<Response, PageError> {
        let texts = self.asking.texts();
        if let Some(text) = &email_error {
            form.summary.insert(0, ("email".to_owned(), text.clone()));
        }
        // A browser does not keep a file that was chosen once.
        if matches!(typed.document, Ok(Some(_))) {
            form.document_error = Some(texts.msg("nomination-document-again"));
        }
        chrome::page(&PaperPage {
            t: texts,
            chrome: self.asking.chrome("nav-nominations"),
            id: self.third_party.id.to_string(),
            third_party: &self.third_party.legal_name,
            email: &typed.email,
            email_error,
            locale: &typed.locale,
            languages: super::languages(texts),
            no_error: None,
            error,
            form,
        })
    }
}
