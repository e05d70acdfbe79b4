//! What becomes of the account of somebody who is named, should there be one when the nomination is confirmed (E56,
//! I14, I28; life cycle of a user, domain.md 2.4).

use thiserror::Error;

use crate::{
    Timestamp,
    account::{User, UserStatus},
};

/// How somebody with an account is appointed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appointment {
    /// NOMINATED so far: the person is invited, and holds the role from activation on.
    Invited,
    /// The person gets the role.
    Granted,
    /// The person gets the role, and it counts once a second administrator confirms it: address and number of the
    /// account were replaced together (I28).
    Dormant,
}

/// Why somebody is not appointed. The nomination waits until the account is in order, or goes back with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotAppointed {
    /// The account was deleted; the address is free only when it is erased (E29).
    #[error("the account is deleted")]
    Deleted,
    /// An administrator ended the account for now: whoever is reinstated is so by a decision of its own.
    #[error("the account is suspended")]
    Suspended,
    /// Its last day is over.
    #[error("the account has expired")]
    Expired,
    /// Wrong codes locked it until an administrator helps. A lock that time ends does not matter (I14).
    #[error("the account is locked")]
    Locked,
}

/// How the owner of an account is appointed. `is_locked` when only an administrator ends its lock.
///
/// # Errors
/// [`NotAppointed`]: a role is given to nobody who could not use it, lest a third party is led by nobody (I14) or
/// what was taken from a person comes back unseen.
pub fn appoint(user: &User, is_locked: bool, now: Timestamp) -> Result<Appointment, NotAppointed> {
    match user.status {
        UserStatus::Deleted => return Err(NotAppointed::Deleted),
        UserStatus::Suspended => return Err(NotAppointed::Suspended),
        UserStatus::Nominated | UserStatus::Invited | UserStatus::Active => {}
    }
    if user.expires_on.is_some_and(|day| day.is_over(now)) {
        return Err(NotAppointed::Expired);
    }
    if is_locked {
        return Err(NotAppointed::Locked);
    }
    if user.status == UserStatus::Nominated {
        Ok(Appointment::Invited)
    } else if user.replaced.is_taken_over() {
        Ok(Appointment::Dormant)
    } else {
        Ok(Appointment::Granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::Channel,
        expiry::ExpirationDate,
        id::{LevelId, UserId},
        phone::PhoneNumber,
        sign_in_data::{ReplacedSignInData, Replacement},
    };

    const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z

    fn user(status: UserStatus, expires_on: Option<&str>) -> User {
        User {
            id: UserId(uuid::Uuid::nil()),
            first_name: "Radka".into(),
            last_name: "Stoykova".into(),
            email: "radka@dunav.example".into(),
            phone: PhoneNumber::parse("+447700900041").unwrap(),
            default_channel: Channel::Sms,
            password_hash: None,
            credentials_changed_at: NOW,
            level_id: LevelId(uuid::Uuid::nil()),
            subsidiary_id: None,
            company_id: None,
            expires_on: expires_on.map(|day| ExpirationDate::from_iso(day).unwrap()),
            status,
            locale: "en".into(),
            last_login_at: None,
            self_registered: false,
            created_by: None,
            created_at: NOW,
            version: 1,
            access_version: 1,
            replaced: ReplacedSignInData::default(),
            terms: crate::terms::Acknowledgements::default(),
        }
    }

    #[test]
    fn whoever_could_not_use_a_role_is_not_appointed() {
        use UserStatus::{Active, Deleted, Invited, Nominated, Suspended};
        let (today, over) = (Some("2026-11-21"), Some("2026-11-20"));
        for (status, last_day, is_locked, expected) in [
            (Nominated, None, false, Ok(Appointment::Invited)),
            (Invited, None, false, Ok(Appointment::Granted)),
            (Active, None, false, Ok(Appointment::Granted)),
            (Active, today, false, Ok(Appointment::Granted)),
            (Active, over, false, Err(NotAppointed::Expired)),
            (Invited, over, false, Err(NotAppointed::Expired)),
            (Nominated, over, false, Err(NotAppointed::Expired)),
            (Active, None, true, Err(NotAppointed::Locked)),
            (Suspended, None, false, Err(NotAppointed::Suspended)),
            (Suspended, over, true, Err(NotAppointed::Suspended)),
            (Deleted, None, false, Err(NotAppointed::Deleted)),
        ] {
            let found = appoint(&user(status, last_day), is_locked, NOW);
            assert_eq!(found, expected, "{status:?} {last_day:?} {is_locked}");
        }
    }

    #[test]
    fn a_role_of_whoever_has_another_address_and_number_waits_for_a_second_administrator() {
        let by = UserId(uuid::Uuid::from_u128(7));
        let one = ReplacedSignInData {
            email: Some(Replacement { at: NOW, by: Some(by) }),
            ..ReplacedSignInData::default()
        };
        let both = ReplacedSignInData { taken_over_by: [by].into(), ..one.clone() };
        for (replaced, expected) in [(one, Appointment::Granted), (both, Appointment::Dormant)] {
            let user = User { replaced, ..user(UserStatus::Active, None) };
            assert_eq!(appoint(&user, false, NOW), Ok(expected));
        }
    }
}
