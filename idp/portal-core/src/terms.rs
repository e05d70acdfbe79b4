//! The documents on roles and responsibilities that people acknowledge (manual, glossary; O16).

use crate::{Timestamp, expiry::ExpirationDate};

/// The version of the texts in `locales/`. Whoever changes a text there raises it.
const TEXT_VERSION: &str = "2026-10-01";

/// A document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// "Terms of use for end users of ECB Identity Portal".
    EndUsers,
    /// "Terms of use - supplement for Delegated User and Access Administrators (DUAs and DAAs)".
    Administrators,
}

impl Document {
    /// Both.
    pub const ALL: [Self; 2] = [Self::EndUsers, Self::Administrators];

    /// The word for it in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndUsers => "end-users",
            Self::Administrators => "administrators",
        }
    }
}

/// The version of a document: the day from which it holds, as `YYYY-MM-DD`. A later day is a newer version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(String);

impl Version {
    /// Reads a day; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        // Versions are compared as text, so all have one form.
        let day = ExpirationDate::from_iso(text).ok().filter(|_| text.len() == 10)?;
        (day.to_iso() == text).then(|| Self(text.to_owned()))
    }

    /// The version of the text that the portal comes with.
    pub fn of_text() -> Self {
        Self(TEXT_VERSION.to_owned())
    }

    /// The day.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// That somebody acknowledged a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The version, as it was stored.
    pub version: String,
    /// When.
    pub at: Timestamp,
}

/// What a person acknowledged last of each document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgements {
    /// The terms of use for end users.
    pub end_users: Option<Acknowledgement>,
    /// The supplement for administrators.
    pub administrators: Option<Acknowledgement>,
}

impl Acknowledgements {
    /// What was acknowledged of one document.
    pub const fn of(&self, document: Document) -> Option<&Acknowledgement> {
        match document {
            Document::EndUsers => self.end_users.as_ref(),
            Document::Administrators => self.administrators.as_ref(),
        }
    }
}

/// The documents as they hold, and whether people are asked to acknowledge them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsInForce {
    end_users: Version,
    administrators: Version,
    asks: bool,
}

impl TermsInForce {
    /// The versions that hold: those of the texts, unless the operator raised them. One from before the text is none.
    pub fn new(asks: bool, raised: [Option<Version>; 2]) -> Self {
        let [end_users, administrators] = raised.map(|raised| {
            let text = Version::of_text();
            raised.map_or_else(|| text.clone(), |raised| raised.max(text.clone()))
        });
        Self { end_users, administrators, asks }
    }

    /// The version of a document.
    pub const fn version(&self, document: Document) -> &Version {
        match document {
            Document::EndUsers => &self.end_users,
            Document::Administrators => &self.administrators,
        }
    }

    /// A version that the operator raised to a day that is still to come.
    pub fn to_come(&self, now: Timestamp) -> Option<&Version> {
        let today = ExpirationDate::days_from(now, 0)?.to_iso();
        let is_to_come = |version: &&Version| {
            version.as_str() > today.as_str() && **version != Version::of_text()
        };
        let versions = [&self.end_users, &self.administrators].into_iter();
        versions.filter(|_| self.asks).find(is_to_come)
    }

    /// Whether people are asked at all.
    pub const fn asks(&self) -> bool {
        self.asks
    }

    /// Whether somebody is asked to acknowledge a document: never did, or an earlier version (O16).
    pub fn owes(&self, document: Document, given: &Acknowledgements) -> bool {
        let is_good =
            |one: &Acknowledgement| one.version.as_str() >= self.version(document).as_str();
        self.asks && !given.of(document).is_some_and(is_good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(version: &str) -> Acknowledgements {
        let one = Acknowledgement { version: version.to_owned(), at: Timestamp::from_millis(0) };
        Acknowledgements { end_users: Some(one), administrators: None }
    }

    #[test]
    fn a_version_is_a_day_in_one_form() {
        assert_eq!(Version::parse(TEXT_VERSION), Some(Version::of_text()));
        assert!(Version::parse("2026-11-30") > Version::parse("2026-11-03"));
        for text in
            ["", "2024-03", "2026-11-31", "2026-1-1", "20261101", " 2026-11-01", "version 2"]
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_version_that_is_raised_holds_from_its_day() {
        let now = Timestamp::from_millis(1_795_262_400_000);
        let today = ExpirationDate::days_from(now, 0).unwrap().to_iso();
        let tomorrow = ExpirationDate::days_from(now, 1).unwrap().to_iso();
        let raised = |day: &str| [None, Version::parse(day)];
        assert_eq!(TermsInForce::new(true, raised(&today)).to_come(now), None);
        let terms = TermsInForce::new(true, raised(&tomorrow));
        assert_eq!(terms.to_come(now), Version::parse(&tomorrow).as_ref());
        assert_eq!(
            TermsInForce::new(false, raised(&tomorrow)).to_come(now),
            None,
            "nobody is asked"
        );
        // What comes with the portal is there already, whatever the clock says.
        let early = Timestamp::from_millis(0);
        assert_eq!(TermsInForce::new(true, [None, None]).to_come(early), None);
    }

    #[test]
    fn the_operator_says_whether_anybody_is_asked() {
        for asks in [true, false] {
            assert_eq!(TermsInForce::new(asks, [None, None]).asks(), asks);
        }
        assert_eq!(Document::ALL.map(Document::as_str), ["end-users", "administrators"]);
    }

    #[test]
    fn whoever_acknowledged_nothing_or_an_earlier_version_owes_it() {
        let raised = [Version::parse("2027-01-15"), None];
        let terms = TermsInForce::new(true, raised.clone());
        let owes = |given: &Acknowledgements| terms.owes(Document::EndUsers, given);
        assert!(owes(&Acknowledgements::default()));
        for (version, is_owed) in
            [("2024-03", true), ("2027-01-14", true), ("2027-01-15", false), ("2027-02-01", false)]
        {
            assert_eq!(owes(&given(version)), is_owed, "{version}");
        }
        // One document says nothing of the other.
        assert!(terms.owes(Document::Administrators, &given("2027-01-15")));
        let silent = TermsInForce::new(false, raised);
        assert!(!Document::ALL.iter().any(|one| silent.owes(*one, &Acknowledgements::default())));
    }

    #[test]
    fn no_version_is_earlier_than_the_text() {
        let terms =
            TermsInForce::new(true, [Version::parse("2020-01-01"), Version::parse("2027-01-01")]);
        assert_eq!(terms.version(Document::EndUsers), &Version::of_text());
        assert_eq!(terms.version(Document::Administrators).as_str(), "2027-01-01");
    }
}
