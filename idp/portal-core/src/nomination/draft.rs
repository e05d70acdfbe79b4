//! A nomination as it is typed: kept as it is until it is handed in, then checked field by field (O1).

use serde::{Deserialize, Serialize};

use super::{LINE_LENGTH, MOST_NOMINEES, NominationFault, Nominee, check};
use crate::{
    access::Application,
    administrators::Administrator,
    email::{Email, EmailError},
    id::ApplicationId,
    person_name::PersonName,
    phone::{PhoneError, PhoneNumber},
    plain_text::is_hidden,
};

/// What is filled in so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Full name of who signs.
    pub name: String,
    /// Function of who signs.
    pub function: String,
    /// Codes of the applications that are to be administered.
    pub applications: Vec<String>,
    /// Who is to administer; somebody of whom nothing is filled in yet does not count.
    pub people: Vec<DraftPerson>,
}

/// Somebody who is to become an administrator, as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPerson {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where the invitation goes.
    pub email: String,
    /// The second factor's number.
    pub phone: String,
    /// `DelegatedUserAdmin`.
    pub is_user_administrator: bool,
    /// `ApplicationAccessAdmin` of the applications of these codes.
    pub applications: Vec<String>,
}

/// A draft that can be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complete {
    /// Full name of who signs.
    pub name: String,
    /// Function of who signs.
    pub function: String,
    /// The applications that are to be administered.
    pub applications: Vec<ApplicationId>,
    /// Who is to administer.
    pub nominees: Vec<Nominee>,
}

/// What keeps a draft from being handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftFault {
    /// The name of who signs is missing or too long.
    Name,
    /// The function of who signs is missing or too long.
    Function,
    /// No application is chosen, or one that there is not.
    Applications,
    /// Nobody is to be delegated user administrator.
    NoUserAdministrator,
    /// Nobody is to be delegated access administrator of the application of this code.
    NoAccessAdministrator(String),
    /// Something about the person of that place.
    Person(usize, PersonFault),
}

/// What is wrong with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonFault {
    /// No first name, or none that can be stored.
    FirstName,
    /// No last name, or none that can be stored.
    LastName,
    /// No address.
    Email(EmailError),
    /// No number.
    Phone(PhoneError),
    /// No role.
    NoRole,
    /// The address of somebody before.
    SameAddress,
    /// The address of who signs (security.md 84).
    Oneself,
    /// A role for an application that is not asked for.
    ApplicationNotAskedFor,
    /// More people than a nomination can name.
    TooMany,
}

impl Draft {
    /// Checks everything, so that all faults are told at once; `signatory` is the address of who signs.
    ///
    /// # Errors
    /// What keeps it from being handed in.
    pub fn check(
        &self,
        known: &[Application],
        in_office: &[Administrator],
        signatory: &str,
    ) -> Result<Complete, Vec<DraftFault>> {
        let mut faults = Vec::new();
        let (name, function) = (self.name.trim(), self.function.trim());
        let signs = [(name, DraftFault::Name), (function, DraftFault::Function)];
        faults.extend(signs.into_iter().filter(|(text, _)| !is_line(text)).map(|(_, fault)| fault));
        let asked_for = ids_of(&self.applications, known);
        if asked_for.is_empty() || asked_for.len() != self.applications.len() {
            faults.push(DraftFault::Applications);
        }
        let mut places = Vec::new();
        let mut nominees = Vec::new();
        for (place, person) in self.people.iter().enumerate().filter(|(_, one)| !one.is_blank()) {
            match person.check(known) {
                Ok(nominee) => {
                    places.push(place);
                    nominees.push(nominee);
                }
                Err(wrong) => {
                    faults.extend(wrong.into_iter().map(|fault| DraftFault::Person(place, fault)));
                }
            }
        }
        // Who lacks for what is told once everybody can be read.
        if !faults.iter().any(|fault| matches!(fault, DraftFault::Person(..))) {
            let of = |fault: NominationFault| as_draft_fault(&fault, &places, known);
            let found = check(&nominees, &asked_for, in_office, signatory);
            faults.extend(found.into_iter().filter_map(of));
        }
        if let Some(place) = places.get(MOST_NOMINEES) {
            faults.push(DraftFault::Person(*place, PersonFault::TooMany));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (name, function) = (name.to_owned(), function.to_owned());
        Ok(Complete { name, function, applications: asked_for, nominees })
    }
}

impl DraftPerson {
    /// Whether nothing is filled in.
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self, known: &[Application]) -> Result<Nominee, Vec<PersonFault>> {
        let first_name = PersonName::parse(&self.first_name).map_err(|_| PersonFault::FirstName);
        let last_name = PersonName::parse(&self.last_name).map_err(|_| PersonFault::LastName);
        let email = Email::parse(&self.email).map_err(PersonFault::Email);
        let phone = PhoneNumber::parse(&self.phone).map_err(PersonFault::Phone);
        let applications = ids_of(&self.applications, known);
        let has_role = self.is_user_administrator || !self.applications.is_empty();
        match (first_name, last_name, email, phone) {
            (Ok(first_name), Ok(last_name), Ok(email), Ok(phone)) if has_role => Ok(Nominee {
                first_name,
                last_name,
                email,
                phone,
                is_user_administrator: self.is_user_administrator,
                applications,
            }),
            (first_name, last_name, email, phone) => {
                let typed = [first_name.err(), last_name.err(), email.err(), phone.err()];
                let no_role = (!has_role).then_some(PersonFault::NoRole);
                Err(typed.into_iter().flatten().chain(no_role).collect())
            }
        }
    }
}

/// The applications of these codes; one that there is not has none.
fn ids_of(codes: &[String], known: &[Application]) -> Vec<ApplicationId> {
    let of = |code: &String| known.iter().find(|application| application.code == *code);
    codes.iter().filter_map(of).map(|application| application.id).collect()
}

fn is_line(text: &str) -> bool {
    (1..=LINE_LENGTH).contains(&text.chars().count()) && !text.chars().any(is_hidden)
}

/// The fault of a list of nominees, at the places of the draft.
fn as_draft_fault(
    fault: &NominationFault,
    places: &[usize],
    known: &[Application],
) -> Option<DraftFault> {
    let at = |place: usize, fault| Some(DraftFault::Person(*places.get(place)?, fault));
    match fault {
        NominationFault::NoUserAdministrator => Some(DraftFault::NoUserAdministrator),
        NominationFault::NoAccessAdministrator(id) => {
            let code = known.iter().find(|application| application.id == *id)?.code.clone();
            Some(DraftFault::NoAccessAdministrator(code))
        }
        NominationFault::NoRole(place) => at(*place, PersonFault::NoRole),
        NominationFault::SameAddress(place) => at(*place, PersonFault::SameAddress),
        NominationFault::ApplicationNotAskedFor(place) => {
            at(*place, PersonFault::ApplicationNotAskedFor)
        }
        NominationFault::Oneself(place) => at(*place, PersonFault::Oneself),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::Environment;

    fn application(code: &str, id: u128) -> Application {
        Application {
            id: ApplicationId(Uuid::from_u128(id)),
            code: code.to_owned(),
            title: code.to_owned(),
            subtitle: String::new(),
            environment: Environment::Production,
        }
    }

    fn person(email: &str, is_user_administrator: bool, applications: &[&str]) -> DraftPerson {
        DraftPerson {
            first_name: "Radka".to_owned(),
            last_name: "Stoykova".to_owned(),
            email: email.to_owned(),
            phone: "+447700900041".to_owned(),
            is_user_administrator,
            applications: applications.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    const SIGNATORY: &str = "m.hristova@dunav.example";

    fn whole() -> Draft {
        Draft {
            name: " Milena Hristova ".to_owned(),
            function: "Member of the board".to_owned(),
            applications: vec!["CASPER".to_owned()],
            people: vec![
                DraftPerson::default(),
                person("dua@dunav.example", true, &[]),
                person("daa@dunav.example", false, &["CASPER"]),
            ],
        }
    }

    #[test]
    fn a_whole_draft_is_what_is_handed_in_and_blanks_do_not_count() {
        let known = [application("CASPER", 1), application("ASTRA", 2)];
        let complete = whole().check(&known, &[], SIGNATORY).unwrap();
        assert_eq!(complete.name, "Milena Hristova");
        assert_eq!(complete.applications, vec![known[0].id]);
        assert_eq!(complete.nominees.len(), 2);
        assert_eq!(complete.nominees[1].applications, vec![known[0].id]);
    }

    #[test]
    fn every_fault_is_told_at_its_place() {
        use DraftFault::{Applications, Function, Name, NoUserAdministrator, Person};
        let known = [application("CASPER", 1), application("ASTRA", 2)];
        let faults = |change: fn(&mut Draft)| {
            let mut draft = whole();
            change(&mut draft);
            draft.check(&known, &[], SIGNATORY).unwrap_err()
        };
        let of_nothing = Draft::default().check(&known, &[], SIGNATORY).unwrap_err();
        assert_eq!(of_nothing, vec![Name, Function, Applications, NoUserAdministrator]);
        assert_eq!(faults(|draft| draft.name = "x".repeat(201)), vec![Name]);
        assert_eq!(faults(|draft| draft.function = "a\u{7}b".to_owned()), vec![Function]);
        let unknown = faults(|draft| draft.applications.push("NOPE".to_owned()));
        assert_eq!(unknown, vec![Applications]);
        let lacking = faults(|draft| draft.applications.push("ASTRA".to_owned()));
        assert_eq!(lacking, vec![DraftFault::NoAccessAdministrator("ASTRA".to_owned())]);
        let no_role = faults(|draft| draft.people[1].is_user_administrator = false);
        assert_eq!(no_role, vec![Person(1, PersonFault::NoRole)]);
        let same = faults(|draft| draft.people[2].email = "DUA@dunav.example".to_owned());
        assert_eq!(same, vec![Person(2, PersonFault::SameAddress)]);
        let other = faults(|draft| draft.people[2].applications.push("ASTRA".to_owned()));
        assert_eq!(other, vec![Person(2, PersonFault::ApplicationNotAskedFor)]);
        let oneself =
            faults(|draft| draft.people[2].email = "M.Hristova@dunav.example.".to_owned());
        assert_eq!(oneself, vec![Person(2, PersonFault::Oneself)]);
        let half = faults(|draft| {
            draft.people[1] =
                DraftPerson { first_name: "Radka".to_owned(), ..DraftPerson::default() };
        });
        assert_eq!(half.len(), 4, "last name, address, number and role: {half:?}");
    }

    #[test]
    fn a_nomination_names_so_many_people_and_no_more() {
        let known = [application("CASPER", 1)];
        let named = |count: usize| {
            let mut draft = whole();
            draft.people =
                (0..count).map(|n| person(&format!("{n}@x.example"), true, &["CASPER"])).collect();
            draft.check(&known, &[], SIGNATORY)
        };
        assert!(named(MOST_NOMINEES).is_ok());
        let faults = named(MOST_NOMINEES + 1).unwrap_err();
        assert_eq!(faults, vec![DraftFault::Person(MOST_NOMINEES, PersonFault::TooMany)]);
    }
}
