//! The four permission levels (domain.md O22).

/// A rung of the ladder "no access < read < write < submit".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The default of whatever is not set; stored as no row.
    #[default]
    NoAccess,
    Read,
    ReadWrite,
    ReadWriteSubmit,
}

impl Level {
    /// In the order of the selector.
    pub(crate) const ALL: [Self; 4] =
        [Self::NoAccess, Self::Read, Self::ReadWrite, Self::ReadWriteSubmit];

    /// The words of the manual.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::NoAccess => "No access",
            Self::Read => "Read",
            Self::ReadWrite => "Read and write",
            Self::ReadWriteSubmit => "Read, write and submit",
        }
    }

    /// As stored and as sent by forms, 0 to 3.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::NoAccess => 0,
            Self::Read => 1,
            Self::ReadWrite => 2,
            Self::ReadWriteSubmit => 3,
        }
    }

    /// The level of a stored or sent number.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// The level of a label, for seeds.
    pub(crate) fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.label() == label)
    }
}
