//! The first members of the operator's staff, whom nobody in the portal can create (security.md 111).

use crate::{email::Email, person_name::PersonName, phone::PhoneNumber};

/// How many identity administrators set-up makes at most: one files a nomination, two confirm it (O1, E58).
pub const FIRST_STAFF: u64 = 3;

/// Somebody who is to be one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstStaff {
    /// First name.
    pub first_name: PersonName,
    /// Last name.
    pub last_name: PersonName,
    /// Own address.
    pub email: Email,
    /// The second factor's number.
    pub phone: PhoneNumber,
}

/// The accounts at Root so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StaffSoFar {
    /// How many are invited and not in use yet.
    pub invited: u64,
    /// Whether anybody's account was ever in use, also when it is deleted by now: set-up does not open again.
    pub was_in_office: bool,
}

/// Why set-up makes no (further) member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetUpOver {
    /// Somebody is or was in office.
    #[error("somebody is in office")]
    InOffice,
    /// As many as may be are invited.
    #[error("enough are invited")]
    Enough,
}

/// Whether one more may be invited at set-up. Somebody who is invited already gets another link at any time before
/// the first is in office (`is_invited`).
///
/// # Errors
/// [`SetUpOver`].
pub const fn check(so_far: StaffSoFar, is_invited: bool) -> Result<(), SetUpOver> {
    if so_far.was_in_office {
        return Err(SetUpOver::InOffice);
    }
    if so_far.invited >= FIRST_STAFF && !is_invited {
        return Err(SetUpOver::Enough);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_up_invites_three_and_is_over_once_somebody_was_in_office() {
        let so_far = |invited, was_in_office| StaffSoFar { invited, was_in_office };
        for (staff, is_invited, expected) in [
            (so_far(0, false), false, Ok(())),
            (so_far(2, false), false, Ok(())),
            (so_far(3, false), false, Err(SetUpOver::Enough)),
            (so_far(3, false), true, Ok(())),
            (so_far(0, true), false, Err(SetUpOver::InOffice)),
            (so_far(1, true), true, Err(SetUpOver::InOffice)),
        ] {
            assert_eq!(check(staff, is_invited), expected, "{staff:?}");
        }
    }
}
