//! The form of a nomination, as signatories fill it in and staff from a paper: read as it was typed, shown with what is
//! wrong at each field.

use portal_core::{
    access::Application,
    email::EmailError,
    nomination::{
        EVIDENCE_BYTES, EvidenceError, MOST_NOMINEES, check_evidence,
        draft::{Draft, DraftFault, DraftPerson, PersonFault},
    },
    phone::PhoneError,
};
use storage::{Evidence, NewEvidence};

use crate::{
    texts::Texts,
    web::{form::OwnForm, upload::UploadedFile},
};

/// The field of the document, and its largest size in bytes.
pub(crate) const DOCUMENT: (&str, usize) = ("evidence", EVIDENCE_BYTES);

/// The fields of every such form, and how those begin of which there may be many.
pub(crate) const FIELDS: [&str; 3] = ["action", "name", "function"];
pub(crate) const BEGINNINGS: [&str; 2] = ["application.", "person."];

/// Which button was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Press {
    /// Keep what is filled in.
    Save,
    /// One more person.
    Add,
    /// Without the person of that place.
    Remove(usize),
    /// On to the review.
    Review,
}

impl Press {
    /// The button of a form; without one it is kept, whatever sent it.
    pub(crate) fn of(form: &OwnForm) -> Self {
        let action = form.get("action");
        let removed = action.strip_prefix("remove-").and_then(|place| place.parse().ok());
        match (action, removed) {
            (_, Some(place)) => Self::Remove(place),
            ("add", None) => Self::Add,
            ("review", None) => Self::Review,
            _ => Self::Save,
        }
    }

    /// What it does to the draft.
    pub(crate) fn apply(self, draft: &mut Draft) {
        match self {
            Self::Add if draft.people.len() < MOST_NOMINEES => {
                draft.people.push(DraftPerson::default());
            }
            Self::Remove(place) if place < draft.people.len() => {
                draft.people.remove(place);
            }
            _ => {}
        }
    }
}

/// What was typed.
pub(crate) fn read(form: &OwnForm) -> Draft {
    let mut people: Vec<DraftPerson> = Vec::new();
    for (rest, value) in form.after("person.") {
        let Some((place, field)) = rest.split_once('.') else { continue };
        let Some(place) = place.parse().ok().filter(|place| *place < MOST_NOMINEES) else {
            continue;
        };
        if people.len() <= place {
            people.resize_with(place + 1, DraftPerson::default);
        }
        if let Some(person) = people.get_mut(place) {
            fill_in(person, field, value);
        }
    }
    Draft {
        name: form.get("name").to_owned(),
        function: form.get("function").to_owned(),
        applications: form.after("application.").map(|(code, _)| code.to_owned()).collect(),
        people,
    }
}

fn fill_in(person: &mut DraftPerson, field: &str, value: &str) {
    match field {
        "first_name" => value.clone_into(&mut person.first_name),
        "last_name" => value.clone_into(&mut person.last_name),
        "email" => value.clone_into(&mut person.email),
        "phone" => value.clone_into(&mut person.phone),
        "dua" => person.is_user_administrator = true,
        _ => {
            let code = field.strip_prefix("daa.").map(str::to_owned);
            person.applications.extend(code);
        }
    }
}

/// The document that came, if one did.
///
/// # Errors
/// [`EvidenceError`].
pub(crate) fn document(file: Option<UploadedFile>) -> Result<Option<NewEvidence>, EvidenceError> {
    let Some(file) = file else { return Ok(None) };
    if file.is_too_large {
        return Err(EvidenceError::TooLarge);
    }
    check_evidence(&file.content)?;
    Ok(Some(NewEvidence { file_name: file.name, document: file.content }))
}

/// An application that can be ticked.
pub(crate) struct Tick {
    /// Code.
    pub(crate) code: String,
    /// What stands beside the box.
    pub(crate) title: String,
    /// Whether it is ticked.
    pub(crate) is_ticked: bool,
}

/// Somebody who is named.
#[derive(Default)]
pub(crate) struct PersonView {
    /// Place in the list.
    pub(crate) place: usize,
    /// The same, as people count.
    pub(crate) number: String,
    /// What was typed.
    pub(crate) typed: DraftPerson,
    /// The applications of the role `ApplicationAccessAdmin`.
    pub(crate) ticks: Vec<Tick>,
    /// What is wrong with the first name.
    pub(crate) first_name: Option<String>,
    /// What is wrong with the last name.
    pub(crate) last_name: Option<String>,
    /// What is wrong with the address.
    pub(crate) email: Option<String>,
    /// What is wrong with the number.
    pub(crate) phone: Option<String>,
    /// What is wrong with the roles.
    pub(crate) roles: Option<String>,
}

/// The form.
#[derive(Default)]
pub(crate) struct NominationForm {
    /// Name of who signs.
    pub(crate) name: String,
    /// Function of who signs.
    pub(crate) function: String,
    /// The applications that can be asked for.
    pub(crate) ticks: Vec<Tick>,
    /// Who is named.
    pub(crate) people: Vec<PersonView>,
    /// Whether one more can be named.
    pub(crate) can_add: bool,
    /// Name and size of the document that is there.
    pub(crate) document: Option<String>,
    /// What is wrong with the name.
    pub(crate) name_error: Option<String>,
    /// What is wrong with the function.
    pub(crate) function_error: Option<String>,
    /// What is wrong with the applications.
    pub(crate) applications_error: Option<String>,
    /// Who is missing.
    pub(crate) missing: Vec<String>,
    /// What is wrong with the document.
    pub(crate) document_error: Option<String>,
    /// Everything that is wrong, with the field that it concerns.
    pub(crate) summary: Vec<(String, String)>,
}

impl NominationForm {
    /// The form of a draft. There is always room for a first person.
    pub(crate) fn of(draft: &Draft, known: &[Application]) -> Self {
        let blank = [DraftPerson::default()];
        let people = if draft.people.is_empty() { &blank } else { draft.people.as_slice() };
        let view = |(place, person): (usize, &DraftPerson)| PersonView {
            place,
            number: (place + 1).to_string(),
            typed: person.clone(),
            ticks: ticks(known, &person.applications),
            ..PersonView::default()
        };
        Self {
            name: draft.name.clone(),
            function: draft.function.clone(),
            ticks: ticks(known, &draft.applications),
            people: people.iter().enumerate().map(view).collect(),
            can_add: people.len() < MOST_NOMINEES,
            ..Self::default()
        }
    }

    /// With the document that is there.
    pub(crate) fn with_document(mut self, evidence: Option<&Evidence>) -> Self {
        let shown = |of: &Evidence| format!("{} ({} KB)", of.file_name, of.bytes.div_ceil(1024));
        self.document = evidence.map(shown);
        self
    }

    /// Shows each fault at its field.
    pub(crate) fn show(&mut self, faults: &[DraftFault], texts: &Texts) {
        for fault in faults {
            let (field, text) = self.place(fault, texts);
            self.summary.push((field, text));
        }
    }

    /// Shows what is wrong with the document; `None` when it is missing.
    pub(crate) fn show_document(&mut self, fault: Option<EvidenceError>, texts: &Texts) {
        let key = match fault {
            None => "nominate-document-missing",
            Some(EvidenceError::TooLarge) => "nominate-document-large",
            Some(EvidenceError::NotPdf) => "nominate-document-kind",
        };
        let text = texts.msg(key);
        self.document_error = Some(text.clone());
        self.summary.push((DOCUMENT.0.to_owned(), text));
    }

    fn place(&mut self, fault: &DraftFault, texts: &Texts) -> (String, String) {
        let (field, text) = match fault {
            DraftFault::Name => ("name", texts.msg("nominate-name-missing")),
            DraftFault::Function => ("function", texts.msg("nominate-function-missing")),
            DraftFault::Applications => {
                ("applications", texts.msg("nominate-applications-missing"))
            }
            DraftFault::NoUserAdministrator => ("people", texts.msg("nominate-no-dua")),
            DraftFault::NoAccessAdministrator(code) => {
                ("people", texts.msg1("nominate-no-daa", "application", code))
            }
            DraftFault::Person(place, fault) => return self.place_person(*place, *fault, texts),
        };
        match fault {
            DraftFault::Name => self.name_error = Some(text.clone()),
            DraftFault::Function => self.function_error = Some(text.clone()),
            DraftFault::Applications => self.applications_error = Some(text.clone()),
            _ => self.missing.push(text.clone()),
        }
        (field.to_owned(), text)
    }

    fn place_person(
        &mut self,
        place: usize,
        fault: PersonFault,
        texts: &Texts,
    ) -> (String, String) {
        let text = texts.msg(person_key(fault));
        let mut field = "roles";
        if let Some(person) = self.people.get_mut(place) {
            let (name, at) = match fault {
                PersonFault::FirstName => ("first_name", &mut person.first_name),
                PersonFault::LastName => ("last_name", &mut person.last_name),
                PersonFault::Email(_) | PersonFault::SameAddress | PersonFault::Oneself => {
                    ("email", &mut person.email)
                }
                PersonFault::Phone(_) => ("phone", &mut person.phone),
                _ => ("roles", &mut person.roles),
            };
            *at = Some(text.clone());
            field = name;
        }
        let number = (place + 1).to_string();
        let told = [("number", number.as_str()), ("fault", text.as_str())];
        let summary = texts.msg_with("nominate-of-person", told);
        (format!("person.{place}.{field}"), summary)
    }
}

fn ticks(known: &[Application], ticked: &[String]) -> Vec<Tick> {
    let tick = |application: &Application| Tick {
        code: application.code.clone(),
        title: application.title.clone(),
        is_ticked: ticked.contains(&application.code),
    };
    known.iter().map(tick).collect()
}

const fn person_key(fault: PersonFault) -> &'static str {
    match fault {
        PersonFault::FirstName => "nominate-first-name-missing",
        PersonFault::LastName => "nominate-last-name-missing",
        PersonFault::Email(EmailError::Malformed) => "users-error-email",
        PersonFault::Email(EmailError::Shared) => "users-error-email-shared",
        PersonFault::Phone(PhoneError::NotInternational) => "users-error-phone-international",
        PersonFault::Phone(PhoneError::BracketedZero) => "users-error-phone-zero",
        PersonFault::Phone(PhoneError::Malformed) => "users-error-phone",
        PersonFault::NoRole => "nominate-no-role",
        PersonFault::SameAddress => "nominate-same-address",
        PersonFault::Oneself => "nominate-oneself",
        PersonFault::ApplicationNotAskedFor => "nominate-not-asked-for",
        PersonFault::TooMany => "nominate-too-many",
    }
}
