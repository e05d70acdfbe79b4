//! Accounts and what their state means at every door (I7, domain.md 2.4).

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    email::Email,
    expiry::ExpirationDate,
    id::{LevelId, SubsidiaryId, UserId},
    organisation::ThirdPartyStatus,
    person_name::PersonName,
    phone::PhoneNumber,
    sign_in_data::ReplacedSignInData,
    terms::Acknowledgements,
};

/// The stored part of an account's state. Expiry and locks are not stored states: they follow from a date, a
/// counter and the time, so that no job has to run for them to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Named in a nomination that is not confirmed yet.
    Nominated,
    /// Created; the activation link has not been used.
    Invited,
    /// In use.
    Active,
    /// Ended for now by an administrator.
    Suspended,
    /// Ended for good.
    Deleted,
}

/// Where the six-digit code goes (manual §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A voice message.
    Voice,
}

impl Channel {
    /// The stored and sent spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "voice",
        }
    }

    /// The one to try when this one does not work.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Sms => Self::Voice,
            Self::Voice => Self::Sms,
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sms" => Some(Self::Sms),
            "voice" => Some(Self::Voice),
            _ => None,
        }
    }

    /// The authentication method reference of a code sent this way (RFC 8176 §2).
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Voice => "tel",
        }
    }
}

impl UserStatus {
    /// The stored spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nominated => "NOMINATED",
            Self::Invited => "INVITED",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Deleted => "DELETED",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Nominated, Self::Invited, Self::Active, Self::Suspended, Self::Deleted]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// A person's account as it is loaded.
#[derive(Clone, Debug)]
pub struct User {
    /// The subject of tokens.
    pub id: UserId,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address for mail, and user name.
    pub email: String,
    /// The second factor's number.
    pub phone: PhoneNumber,
    /// Where codes go unless the person asks otherwise; the last choice at sign-in becomes it.
    pub default_channel: Channel,
    /// PHC string of the password, once one is set.
    pub password_hash: Option<String>,
    /// When password, address or number last changed: what was issued before is void (security.md 20, 52).
    pub credentials_changed_at: Timestamp,
    /// Where in the tree the person sits.
    pub level_id: LevelId,
    /// The subsidiary, if one is given.
    pub subsidiary_id: Option<SubsidiaryId>,
    /// The organisation's own number for the person; only for some applications.
    pub company_id: Option<String>,
    /// Last day of a temporary account.
    pub expires_on: Option<ExpirationDate>,
    /// Stored state.
    pub status: UserStatus,
    /// Language tag for pages and messages.
    pub locale: String,
    /// When the person last signed in.
    pub last_login_at: Option<Timestamp>,
    /// Whether the person registered without an administrator.
    pub self_registered: bool,
    /// Who created the account; `None` for set-up and nominations.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
    /// Goes up with every change of the account and its roles: a save that knows an older one is stale (I27).
    pub version: i64,
    /// The same for its memberships.
    pub access_version: i64,
    /// What administrators replaced lately of what the person signs in with.
    pub replaced: ReplacedSignInData,
    /// Which terms of use the person acknowledged (O16).
    pub terms: Acknowledgements,
}

/// What an administrator enters to create an account (manual §3 c), checked.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// E-mail address.
    pub email: Email,
    /// Phone number.
    pub phone: PhoneNumber,
    /// Optional company ID.
    pub company_id: Option<String>,
    /// Date for temporary accounts.
    pub expires_on: Option<ExpirationDate>,
    /// The level it is created at.
    pub level_id: LevelId,
    /// Optional subsidiary of that level.
    pub subsidiary_id: Option<SubsidiaryId>,
    /// Where codes go at first.
    pub default_channel: Channel,
}

/// Whether an account may be used now, and if not, why. The reason is for logs, mails and administrators; the
/// person at the door is not told which it is (E9, security.md 59).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// May sign in and hold sessions and tokens.
    Good,
    /// Not ACTIVE.
    NotActive(UserStatus),
    /// Past its account expiration date.
    Expired,
    /// Its third party is suspended or closed.
    ThirdPartyBarred,
}

impl User {
    /// Decides invariant I7. `third_party` is `None` for staff of the operator.
    pub fn standing(&self, third_party: Option<ThirdPartyStatus>, now: Timestamp) -> Standing {
        if self.status != UserStatus::Active {
            Standing::NotActive(self.status)
        } else if self.expires_on.is_some_and(|date| date.is_over(now)) {
            Standing::Expired
        } else if third_party.is_some_and(ThirdPartyStatus::bars_sign_in) {
            Standing::ThirdPartyBarred
        } else {
            Standing::Good
        }
    }

    /// First and last name.
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(status: UserStatus, expires_on: Option<&str>) -> User {
        User {
            id: UserId(uuid::Uuid::nil()),
            first_name: "Teo".into(),
            last_name: "Casarrubios".into(),
            email: "teo@contractor.example".into(),
            phone: PhoneNumber::parse("+447700900028").unwrap(),
            default_channel: Channel::Sms,
            password_hash: None,
            credentials_changed_at: Timestamp::from_millis(0),
            level_id: LevelId(uuid::Uuid::nil()),
            subsidiary_id: None,
            company_id: None,
            expires_on: expires_on.map(|date| ExpirationDate::from_iso(date).unwrap()),
            status,
            locale: "en".into(),
            last_login_at: None,
            self_registered: false,
            created_by: None,
            created_at: Timestamp::from_millis(0),
            version: 0,
            access_version: 0,
            replaced: ReplacedSignInData::default(),
            terms: Acknowledgements::default(),
        }
    }

    #[test]
    fn only_an_active_unexpired_account_of_an_open_third_party_is_good() {
        use ThirdPartyStatus as T;
        use UserStatus as U;
        let now = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z
        let cases = [
            (U::Active, None, Some(T::Active), Standing::Good),
            (U::Active, None, None, Standing::Good),
            (U::Active, None, Some(T::Orphaned), Standing::Good),
            (U::Active, Some("2026-11-21"), Some(T::Active), Standing::Good),
            (U::Active, Some("2026-11-20"), Some(T::Active), Standing::Expired),
            (U::Active, None, Some(T::Suspended), Standing::ThirdPartyBarred),
            (U::Active, None, Some(T::Closed), Standing::ThirdPartyBarred),
            (U::Active, None, Some(T::Prospect), Standing::ThirdPartyBarred),
            (U::Invited, None, Some(T::Active), Standing::NotActive(U::Invited)),
            (U::Nominated, None, Some(T::Active), Standing::NotActive(U::Nominated)),
            (U::Suspended, None, Some(T::Active), Standing::NotActive(U::Suspended)),
            (U::Deleted, None, Some(T::Active), Standing::NotActive(U::Deleted)),
        ];
        for (status, expires_on, third_party, expected) in cases {
            assert_eq!(
                user(status, expires_on).standing(third_party, now),
                expected,
                "{status:?} {expires_on:?}"
            );
        }
    }

    #[test]
    fn every_status_is_read_back_as_it_is_written() {
        for status in ["NOMINATED", "INVITED", "ACTIVE", "SUSPENDED", "DELETED"] {
            assert_eq!(UserStatus::parse(status).unwrap().as_str(), status);
        }
        assert_eq!(UserStatus::parse("active"), None);
    }

    #[test]
    fn channels_are_read_back_as_they_are_written() {
        for (channel, word) in [(Channel::Sms, "sms"), (Channel::Voice, "voice")] {
            assert_eq!(channel.as_str(), word);
            assert_eq!(Channel::parse(word), Some(channel));
        }
        assert_eq!(Channel::parse("fax"), None);
        assert_eq!(user(UserStatus::Active, None).display_name(), "Teo Casarrubios");
    }
}
