//! Links that somebody gets by mail, each good once and for a time (O9, E64).

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To activate an account; the subject is the person.
    Activation,
    /// To prove a new address; the subject is the person.
    NewEmail,
    /// To prove the phone while an account is activated; the subject is the person. It stays in the browser.
    PhoneProof,
    /// To nominate administrators of a third party; the subject is the nomination.
    Nomination,
    /// To apply a file of users that was shown before; the subject is who looked at it. It stays in the browser.
    UserImport,
    /// To apply a file of memberships that was shown before; the subject is who looked at it.
    MembershipImport,
}

impl LinkPurpose {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::NewEmail => "new-email",
            Self::PhoneProof => "phone-proof",
            Self::Nomination => "nomination",
            Self::UserImport => "user-import",
            Self::MembershipImport => "membership-import",
        }
    }

    /// How long it is good, in seconds.
    pub const fn seconds(self) -> i64 {
        const DAY: i64 = 24 * 60 * 60;
        match self {
            Self::Activation | Self::NewEmail => DAY,
            Self::PhoneProof => 15 * 60,
            Self::UserImport | Self::MembershipImport => 60 * 60,
            Self::Nomination => 14 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_has_its_word_and_its_time() {
        for (purpose, word, seconds) in [
            (LinkPurpose::Activation, "activation", 86_400),
            (LinkPurpose::NewEmail, "new-email", 86_400),
            (LinkPurpose::PhoneProof, "phone-proof", 900),
            (LinkPurpose::Nomination, "nomination", 1_209_600),
            (LinkPurpose::UserImport, "user-import", 3_600),
            (LinkPurpose::MembershipImport, "membership-import", 3_600),
        ] {
            assert_eq!((purpose.as_str(), purpose.seconds()), (word, seconds));
        }
    }
}
