//! Nominations: a third party's signatory names its administrators, the operator confirms them (manual, glossary;
//! O1, I14, I15; life cycle of a nomination, domain.md 2.4).

use crate::{
    administrators::{Administrator, RoleKind},
    email::{Email, EmailKey},
    id::ApplicationId,
    person_name::PersonName,
    phone::PhoneNumber,
    plain_text::is_hidden,
    search_key::search_key,
};

/// The longest text of a question or a reason, in characters.
const TEXT_LENGTH: usize = 1000;
/// The longest name or function of a signatory, in characters.
const LINE_LENGTH: usize = 200;
/// Most people that one nomination names.
pub const MOST_NOMINEES: usize = 8;
/// Largest evidence document, in bytes.
pub const EVIDENCE_BYTES: usize = 4 * 1024 * 1024;

/// Stored state of a nomination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NominationStatus {
    /// Begun by the signatory, or by staff from a paper.
    Draft,
    /// Waits in the operator's queue.
    Submitted,
    /// Somebody of the staff looks at it.
    InReview,
    /// Went back to the signatory with a question.
    Returned,
    /// The administrators are appointed.
    Confirmed,
    /// Refused, with a reason.
    Rejected,
    /// Taken back.
    Withdrawn,
}

/// What happens to a nomination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NominationStep {
    /// The signatory stores what is filled in so far.
    Save,
    /// The signatory hands it in.
    Submit,
    /// Staff begin to look at it.
    TakeInReview,
    /// Somebody of the staff confirms it; `is_last` when nobody else has to.
    Confirm {
        /// Whether as many have confirmed it as must.
        is_last: bool,
    },
    /// Staff ask the signatory a question.
    Return,
    /// Staff refuse it.
    Reject,
    /// It is taken back.
    Withdraw,
}

impl NominationStatus {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Submitted,
        Self::InReview,
        Self::Returned,
        Self::Confirmed,
        Self::Rejected,
        Self::Withdrawn,
    ];

    /// The state after a step; `None` for one that cannot be taken now.
    pub const fn after(self, step: NominationStep) -> Option<Self> {
        match (self, step) {
            (Self::Draft | Self::Returned, NominationStep::Save) => Some(self),
            (Self::Draft | Self::Returned, NominationStep::Submit) => Some(Self::Submitted),
            (Self::Submitted, NominationStep::TakeInReview)
            | (Self::InReview, NominationStep::Confirm { is_last: false }) => Some(Self::InReview),
            (Self::InReview, NominationStep::Confirm { is_last: true }) => Some(Self::Confirmed),
            (Self::InReview, NominationStep::Return) => Some(Self::Returned),
            (Self::InReview, NominationStep::Reject) => Some(Self::Rejected),
            (
                Self::Draft | Self::Submitted | Self::InReview | Self::Returned,
                NominationStep::Withdraw,
            ) => Some(Self::Withdrawn),
            _ => None,
        }
    }

    /// Whether nothing can happen to it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Confirmed | Self::Rejected | Self::Withdrawn)
    }

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::InReview => "IN_REVIEW",
            Self::Returned => "RETURNED",
            Self::Confirmed => "CONFIRMED",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// How many of the staff must confirm: two for the first administrators of a third party, one for later ones (O1, O2).
pub const fn confirmations_needed(are_first_administrators: bool) -> usize {
    if are_first_administrators { 2 } else { 1 }
}

/// Somebody who is to become an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nominee {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// Where the invitation goes.
    pub email: Email,
    /// The second factor's number.
    pub phone: PhoneNumber,
    /// `DelegatedUserAdmin`.
    pub is_user_administrator: bool,
    /// `ApplicationAccessAdmin` of these applications.
    pub applications: Vec<ApplicationId>,
}

impl Nominee {
    /// The roles that the person is to have.
    pub fn roles(&self) -> impl Iterator<Item = RoleKind> {
        let user = self.is_user_administrator.then_some(RoleKind::UserAdministrator);
        let access = self.applications.iter().copied().map(RoleKind::AccessAdministrator);
        user.into_iter().chain(access)
    }

    /// First and last name, as an account shows them.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name.as_str(), self.last_name.as_str())
    }
}

/// Why a nomination cannot be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NominationFault {
    /// Nobody is to be delegated user administrator.
    NoUserAdministrator,
    /// Nobody is to be delegated access administrator of an application.
    NoAccessAdministrator(ApplicationId),
    /// The person of that place in the list gets no role.
    NoRole(usize),
    /// The person of that place has the address of one before.
    SameAddress(usize),
    /// The person of that place would administer an application that is not asked for.
    ApplicationNotAskedFor(usize),
    /// The person of that place has the address of the signatory: nobody nominates oneself (security.md 84).
    Oneself(usize),
}

/// Checks that the nominees can administer all that is asked for: at least one DUA, and one DAA for each application
/// (O1, I14), where nobody is in office already. Whoever signs, with that address, is none of them.
pub fn check(
    nominees: &[Nominee],
    asked_for: &[ApplicationId],
    in_office: &[Administrator],
    signatory: &str,
) -> Vec<NominationFault> {
    let signatory = EmailKey::of(signatory);
    let mut faults = Vec::new();
    let is_filled = |kind: RoleKind| in_office.iter().any(|holder| holder.kind == kind);
    if !is_filled(RoleKind::UserAdministrator)
        && !nominees.iter().any(|nominee| nominee.is_user_administrator)
    {
        faults.push(NominationFault::NoUserAdministrator);
    }
    for application in asked_for {
        if !is_filled(RoleKind::AccessAdministrator(*application))
            && !nominees.iter().any(|nominee| nominee.applications.contains(application))
        {
            faults.push(NominationFault::NoAccessAdministrator(*application));
        }
    }
    for (place, nominee) in nominees.iter().enumerate() {
        if !nominee.is_user_administrator && nominee.applications.is_empty() {
            faults.push(NominationFault::NoRole(place));
        }
        let before = nominees.iter().take(place);
        if before.into_iter().any(|earlier| earlier.email.key() == nominee.email.key()) {
            faults.push(NominationFault::SameAddress(place));
        }
        if nominee.applications.iter().any(|application| !asked_for.contains(application)) {
            faults.push(NominationFault::ApplicationNotAskedFor(place));
        }
        if *nominee.email.key() == signatory {
            faults.push(NominationFault::Oneself(place));
        }
    }
    faults
}

/// Whether an address lies in another mail domain than the signatory's: the reviewer is warned (E57).
pub fn is_of_other_domain(address: &str, signatory: &str) -> bool {
    let domain = |text: &str| {
        let key = EmailKey::of(text);
        key.as_str().rsplit_once('@').map(|(_, domain)| domain.to_owned())
    };
    domain(address) != domain(signatory)
}

/// Whether somebody who is named bears the name of who signs: under another address it may be the same person, which the
/// reviewer finds out (security.md 84).
pub fn is_namesake(nominee: &Nominee, signatory: &str) -> bool {
    let words = |name: &str| {
        let key = search_key(name);
        let mut words: Vec<String> = key.split_whitespace().map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    words(&nominee.display_name()) == words(signatory)
}

/// A question or a reason as it was typed: trimmed, 1 to 1000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark(String);

/// The text is empty, too long or holds control characters other than line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a text of 1 to 1000 characters")]
pub struct RemarkError;

impl Remark {
    /// Parses what was typed.
    ///
    /// # Errors
    /// [`RemarkError`].
    pub fn parse(typed: &str) -> Result<Self, RemarkError> {
        let text = typed.trim().replace("\r\n", "\n");
        let fits = (1..=TEXT_LENGTH).contains(&text.chars().count());
        if fits && !text.chars().any(|c| is_hidden(c) && c != '\n') {
            Ok(Self(text))
        } else {
            Err(RemarkError)
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a document is not taken as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// Larger than [`EVIDENCE_BYTES`].
    #[error("too large")]
    TooLarge,
    /// Its content is not that of a PDF.
    #[error("not a PDF")]
    NotPdf,
}

/// Checks an uploaded document by its beginning and its end. What the browser says about it counts for nothing: that
/// comes from the name of the file (security.md 107).
///
/// # Errors
/// [`EvidenceError`].
pub fn check_evidence(bytes: &[u8]) -> Result<(), EvidenceError> {
    if bytes.len() > EVIDENCE_BYTES {
        return Err(EvidenceError::TooLarge);
    }
    let tail = bytes.get(bytes.len().saturating_sub(1024)..).unwrap_or_default();
    let ends = tail.windows(5).any(|window| window == b"%%EOF");
    if bytes.starts_with(b"%PDF-") && ends { Ok(()) } else { Err(EvidenceError::NotPdf) }
}

pub mod appointment;
pub mod draft;

#[cfg(test)]
mod tests;
