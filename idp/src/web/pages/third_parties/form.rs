//! The form of a third party: what was typed, what is wrong with it, and what it means.

use portal_core::{
    country::Country,
    lei::Lei,
    one_line,
    organisation::{Administration, KINDS, LevelName, NewThirdParty, ThirdPartyDetails},
};
use storage::ThirdParty;

use crate::{
    texts::Texts,
    web::{error::PageError, form::OwnForm},
};

/// Longest legal name, in characters.
pub(super) const NAME_LENGTH: usize = 254;
/// The fields of the form, by their names.
const FIELDS: [&str; 8] = [
    "legal_name",
    "level",
    "country",
    "lei",
    "kind",
    "administration",
    "forbids_self_assignment",
    "confirms_administrators",
];

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PartyForm {
    pub(super) legal_name: String,
    /// Name of the level under Root; only of a new third party.
    pub(super) level: String,
    pub(super) country: String,
    pub(super) lei: String,
    pub(super) kind: String,
    pub(super) administration: String,
    pub(super) forbids_self_assignment: bool,
    pub(super) confirms_administrators: bool,
}

/// What is wrong, each at its field.
#[derive(Clone, Debug, Default)]
pub(super) struct PartyErrors {
    pub(super) legal_name: Option<String>,
    pub(super) level: Option<String>,
    pub(super) country: Option<String>,
    pub(super) lei: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) administration: Option<String>,
}

impl PartyForm {
    /// What was typed. A field that the form does not have is refused (security.md 78).
    pub(super) fn read(form: &OwnForm) -> Result<Self, PageError> {
        form.only(&[&FIELDS[..], &["version"]].concat(), &[])?;
        let [legal_name, level, country, lei, kind, administration, own, operator] =
            FIELDS.map(|name| form.get(name).to_owned());
        Ok(Self {
            legal_name,
            level,
            country,
            lei,
            kind,
            administration,
            forbids_self_assignment: !own.is_empty(),
            confirms_administrators: !operator.is_empty(),
        })
    }

    /// What is stored of a third party.
    pub(super) fn of(third_party: &ThirdParty) -> Self {
        Self {
            legal_name: third_party.legal_name.clone(),
            level: String::new(),
            country: third_party.country.clone(),
            lei: third_party.lei.clone().unwrap_or_default(),
            kind: third_party.kind.clone(),
            administration: third_party.administration.as_str().to_owned(),
            forbids_self_assignment: third_party.forbids_self_assignment,
            confirms_administrators: third_party.confirms_administrators,
        }
    }

    /// What it means as details.
    pub(super) fn details(&self, texts: &Texts) -> Result<ThirdPartyDetails, Box<PartyErrors>> {
        let legal_name = one_line::parse(&self.legal_name, NAME_LENGTH);
        let country = Country::parse(&self.country);
        let typed = self.lei.trim().to_ascii_uppercase();
        let lei = Some(typed).filter(|lei| !lei.is_empty()).map(|lei| Lei::parse(&lei)).transpose();
        let kind = KINDS.into_iter().find(|kind| *kind == self.kind);
        let administration = Administration::parse(&self.administration);
        let say = |is_wrong: bool, key: &str| is_wrong.then(|| texts.msg(key));
        let errors = PartyErrors {
            legal_name: say(legal_name.is_none(), "third-party-error-legal-name"),
            level: None,
            country: say(country.is_err(), "third-party-error-country"),
            lei: say(lei.is_err(), "third-party-error-lei"),
            kind: say(kind.is_none(), "third-party-error-choice"),
            administration: say(administration.is_none(), "third-party-error-choice"),
        };
        match (legal_name, country, lei, kind, administration) {
            (Some(legal_name), Ok(country), Ok(lei), Some(kind), Some(administration)) => {
                Ok(ThirdPartyDetails {
                    legal_name,
                    country: country.as_str().to_owned(),
                    lei,
                    kind: kind.to_owned(),
                    administration,
                    forbids_self_assignment: self.forbids_self_assignment,
                    confirms_administrators: self.confirms_administrators,
                })
            }
            _ => Err(Box::new(errors)),
        }
    }

    /// What it means as a third party to be created.
    pub(super) fn new_third_party(&self, texts: &Texts) -> Result<NewThirdParty, Box<PartyErrors>> {
        let level = LevelName::parse(&self.level);
        let level_error = level.as_ref().err().map(|_| texts.msg("third-party-error-level"));
        match (self.details(texts), level) {
            (Ok(details), Ok(level)) => Ok(NewThirdParty {
                legal_name: details.legal_name,
                country: details.country,
                lei: details.lei,
                kind: details.kind,
                status: details.administration.first_status(),
                administration: details.administration,
                level,
            }),
            (Err(errors), _) => Err(Box::new(PartyErrors { level: level_error, ..*errors })),
            (Ok(_), Err(_)) => {
                Err(Box::new(PartyErrors { level: level_error, ..PartyErrors::default() }))
            }
        }
    }
}

/// The choices of kind.
pub(super) fn kinds(texts: &Texts) -> Vec<(String, String)> {
    KINDS.map(|kind| (kind.to_owned(), super::kind(kind, texts))).to_vec()
}

/// The choices of who administers.
pub(super) fn administrations(texts: &Texts) -> Vec<(String, String)> {
    Administration::ALL
        .map(|who| (who.as_str().to_owned(), texts.msg(administration(who))))
        .to_vec()
}

/// Key of the words for who administers.
pub(super) const fn administration(who: Administration) -> &'static str {
    match who {
        Administration::Delegated => "third-party-administration-delegated",
        Administration::Operator => "third-party-administration-operator",
    }
}
