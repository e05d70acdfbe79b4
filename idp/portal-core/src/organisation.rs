//! Third parties and the tree of levels (domain.md 2.2).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    id::{LevelId, SubsidiaryId, ThirdPartyId},
    lei::Lei,
    one_line,
};

/// Name of the top of the tree (O5).
pub const ROOT: &str = "Root";

/// Stored state of a third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ThirdPartyStatus {
    /// Known, administrators not yet confirmed.
    Prospect,
    /// In operation.
    Active,
    /// Without administrators of its own; operator staff administer it.
    Orphaned,
    /// Barred for now.
    Suspended,
    /// Ended.
    Closed,
}

impl ThirdPartyStatus {
    /// Whether its people are kept from codes, sessions and tokens (I7). A prospect has no confirmed person yet.
    pub const fn bars_sign_in(self) -> bool {
        matches!(self, Self::Prospect | Self::Suspended | Self::Closed)
    }

    /// Whether administrators can be nominated for it: not while it is suspended, and never once it is closed.
    pub const fn takes_nominations(self) -> bool {
        !matches!(self, Self::Suspended | Self::Closed)
    }

    /// Whether a third party in this state can get into another one (life cycle, domain.md 2.4). Closing is final.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Prospect | Self::Orphaned | Self::Suspended, Self::Active)
                | (Self::Active | Self::Suspended, Self::Orphaned)
                | (Self::Active | Self::Orphaned, Self::Suspended)
                | (Self::Prospect | Self::Active | Self::Orphaned | Self::Suspended, Self::Closed)
        )
    }

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prospect => "PROSPECT",
            Self::Active => "ACTIVE",
            Self::Orphaned => "ORPHANED",
            Self::Suspended => "SUSPENDED",
            Self::Closed => "CLOSED",
        }
    }

    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] =
        [Self::Prospect, Self::Active, Self::Orphaned, Self::Suspended, Self::Closed];

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Who administers the people of a third party (O3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Administration {
    /// Its own delegated administrators.
    Delegated,
    /// Staff of the operator.
    Operator,
}

impl Administration {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Delegated, Self::Operator];

    /// The state in which a third party begins that is administered so: its own administrators come by a confirmed
    /// nomination (I15), and those of the operator are there already.
    pub const fn first_status(self) -> ThirdPartyStatus {
        match self {
            Self::Delegated => ThirdPartyStatus::Prospect,
            Self::Operator => ThirdPartyStatus::Active,
        }
    }

    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delegated => "delegated",
            Self::Operator => "operator",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == text)
    }
}

/// Kinds of third parties (domain.md 2.2).
pub const KINDS: [&str; 5] = ["bank", "group", "service-provider", "acquirer", "authority"];

/// What staff may change of a third party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThirdPartyDetails {
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// LEI, where it has one.
    pub lei: Option<Lei>,
    /// One of [`KINDS`].
    pub kind: String,
    /// Who administers it.
    pub administration: Administration,
    /// Administrators give no access to themselves (O8).
    pub forbids_self_assignment: bool,
    /// The operator confirms every administrator, not only the first ones (O2).
    pub confirms_administrators: bool,
}

/// A third party to be created.
#[derive(Clone, Debug)]
pub struct NewThirdParty {
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// LEI, where it has one.
    pub lei: Option<Lei>,
    /// Bank, banking group, service provider, …
    pub kind: String,
    /// Who administers it.
    pub administration: Administration,
    /// Whether its administrators are confirmed.
    pub status: ThirdPartyStatus,
    /// Name of its level under Root.
    pub level: LevelName,
}

/// A subsidiary to be created under a level.
#[derive(Clone, Debug)]
pub struct NewSubsidiary {
    /// The level it belongs to.
    pub level_id: LevelId,
    /// Short name, as shown to people ("bank_01").
    pub short_name: String,
    /// Legal name.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// LEI.
    pub lei: Lei,
}

/// A node of the tree as it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Identifier.
    pub id: LevelId,
    /// Name ("BANK E").
    pub name: String,
    /// Way from Root.
    pub path: LevelPath,
    /// The third party it belongs to; `None` for Root.
    pub third_party_id: Option<ThirdPartyId>,
}

/// A subsidiary as it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subsidiary {
    /// Identifier.
    pub id: SubsidiaryId,
    /// The level it belongs to.
    pub level_id: LevelId,
    /// Short name.
    pub short_name: String,
    /// LEI.
    pub lei: String,
}

/// The name of a level: 1 to 80 characters without `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelName(String);

/// The text cannot name a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name for a level")]
pub struct LevelNameError;

impl LevelName {
    /// Parses what was typed.
    ///
    /// # Errors
    /// [`LevelNameError`].
    pub fn parse(typed: &str) -> Result<Self, LevelNameError> {
        let name = one_line::parse(typed, 80).filter(|name| !name.contains('/'));
        name.map(Self).ok_or(LevelNameError)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The names from Root down to a level, joined by `/`: the boundary of an administrator's sight (I8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LevelPath(String);

impl LevelPath {
    /// The top of the tree.
    pub fn root() -> Self {
        Self(ROOT.to_owned())
    }

    /// A stored path.
    pub fn from_stored(path: String) -> Self {
        Self(path)
    }

    /// The level of that name directly below.
    #[must_use]
    pub fn child(&self, name: &LevelName) -> Self {
        Self(format!("{}/{}", self.0, name.as_str()))
    }

    /// Whether `other` is this level or below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The stored forms of this level and of all above it, innermost first.
    pub fn with_ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.0.as_str()), |path| {
            path.rsplit_once('/').map(|(above, _)| above)
        })
    }

    /// The stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of the level above; `None` for Root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(above, _)| Self(above.to_owned()))
    }
}

impl fmt::Display for LevelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_contains_itself_and_what_is_below_but_no_namesake() {
        let bank = LevelPath::root().child(&LevelName::parse("BANK").unwrap());
        let branch = bank.child(&LevelName::parse("Branch").unwrap());
        let bank_e = LevelPath::root().child(&LevelName::parse("BANK E").unwrap());
        assert!(LevelPath::root().contains(&branch));
        assert!(bank.contains(&bank) && bank.contains(&branch));
        assert!(
            !bank.contains(&bank_e)
                && !branch.contains(&bank)
                && !bank.contains(&LevelPath::root())
        );
    }

    #[test]
    fn above_a_level_are_the_levels_on_its_way_from_root() {
        let path = LevelPath::from_stored("Root/BANK E/Branch".to_owned());
        let ways: Vec<&str> = path.with_ancestors().collect();
        assert_eq!(ways, ["Root/BANK E/Branch", "Root/BANK E", "Root"]);
        assert_eq!(LevelPath::root().with_ancestors().count(), 1);
    }

    #[test]
    fn a_third_party_goes_only_the_ways_of_its_life_cycle() {
        use ThirdPartyStatus::{Active, Closed, Orphaned, Prospect, Suspended};
        let ways = [
            (Prospect, vec![Active, Closed]),
            (Active, vec![Orphaned, Suspended, Closed]),
            (Orphaned, vec![Active, Suspended, Closed]),
            (Suspended, vec![Active, Orphaned, Closed]),
            (Closed, vec![]),
        ];
        for (from, to) in ways {
            for next in ThirdPartyStatus::ALL {
                assert_eq!(from.may_become(next), to.contains(&next), "{from:?} {next:?}");
            }
        }
    }

    #[test]
    fn states_and_kinds_of_administration_have_words_that_are_read_back() {
        use ThirdPartyStatus::{Active, Closed, Orphaned, Prospect, Suspended};
        for (status, word, takes_nominations) in [
            (Prospect, "PROSPECT", true),
            (Active, "ACTIVE", true),
            (Orphaned, "ORPHANED", true),
            (Suspended, "SUSPENDED", false),
            (Closed, "CLOSED", false),
        ] {
            assert_eq!((status.as_str(), ThirdPartyStatus::parse(word)), (word, Some(status)));
            assert_eq!(status.takes_nominations(), takes_nominations, "{word}");
        }
        assert_eq!(ThirdPartyStatus::parse("MERGED"), None);
        let kinds =
            [(Administration::Delegated, "delegated"), (Administration::Operator, "operator")];
        for (kind, word) in kinds {
            assert_eq!((kind.as_str(), Administration::parse(word)), (word, Some(kind)));
        }
        assert_eq!(Administration::parse("nobody"), None);
    }

    #[test]
    fn a_path_is_stored_and_shown_as_its_names() {
        let branch = LevelPath::root()
            .child(&LevelName::parse("BANK E").unwrap())
            .child(&LevelName::parse("Branch").unwrap());
        assert_eq!(branch.as_str(), "Root/BANK E/Branch");
        assert_eq!(branch.to_string(), "Root/BANK E/Branch");
    }

    #[test]
    fn a_level_knows_what_is_above_it() {
        let bank = LevelPath::root().child(&LevelName::parse("BANK").unwrap());
        assert_eq!(bank.parent(), Some(LevelPath::root()));
        assert_eq!(LevelPath::root().parent(), None);
    }

    #[test]
    fn a_name_cannot_pretend_to_be_a_path() {
        for name in ["", " ", "a/b", "a\nb"] {
            assert!(LevelName::parse(name).is_err(), "{name:?}");
        }
    }
}
