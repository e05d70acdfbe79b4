//! What people are told of their account, roles and access: in the portal, and by mail (domain.md 4.4).
//!
//! Which notices exist is decided here; their words stand in `locales/`, under `notice-{kind}`.

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// An administrator changed the account.
    AccountChanged,
    /// The account was suspended.
    AccountSuspended,
    /// The suspension has ended.
    AccountReinstated,
    /// A lock was ended by an administrator.
    AccountUnlocked,
    /// The account was deleted.
    AccountDeleted,
    /// The person had the own account deleted (O19); goes to the person.
    OwnAccountDeleted,
    /// The same; goes to the user administrators.
    AccountDeletedByOwner,
    /// There is a new version of the terms of use (O16).
    TermsChanged,
    /// There is a new version of their supplement for administrators.
    AdministratorTermsChanged,
    /// The date on which the account expires was set, moved or removed.
    ExpirationChanged,
    /// The account expires soon; goes to the person and to the user administrators (O17).
    ExpirationNear,
    /// A temporary account became permanent; goes to the user administrators (E12).
    AccountPermanent,
    /// The account was deleted long after its last day (O17).
    AccountEnded,
    /// Nobody has signed in for a long time: the account will be suspended.
    AccountUnused,
    /// It was suspended for that.
    AccountUnusedSuspended,
    /// Nobody used the invitation of an account, which is deleted; goes to user administrators of its level.
    InvitationLapsed,
    /// The address was replaced; goes to the old address.
    EmailReplaced,
    /// The new address was withdrawn before anybody proved it: the one in use stays.
    EmailStays,
    /// The phone number was replaced.
    PhoneReplaced,
    /// Somebody's address or number was replaced; goes to the other administrators (I28).
    SignInDataReplaced,
    /// Memberships and roles count for nothing until they are confirmed (I28).
    AccessDormant,
    /// They count again.
    AccessConfirmed,
    /// Somebody's access of the level waits for confirmation; goes to administrators.
    ConfirmationNeeded,
    /// A delegated role was granted.
    RoleGranted,
    /// A role of the staff waits for a second identity administrator; goes to them.
    StaffRoleWaits,
    /// Was given a role of the staff, which waits for a second identity administrator.
    StaffRoleGiven,
    /// It was, and counts for nothing until the operator confirms it (O2, I28).
    RoleWaits,
    /// The same, to those who can confirm it.
    GrantToConfirm,
    /// A delegated role was revoked.
    RoleRevoked,
    /// Memberships were assigned.
    MembershipAssigned,
    /// Memberships were removed.
    MembershipRemoved,
    /// A membership has reached its end date.
    MembershipEnded,
    /// An administrator gave access to oneself; goes to the other administrators (O8).
    SelfAssigned,
    /// Somebody created an account and gave it access, where the third party asks for four eyes; goes to the other
    /// administrators (E54).
    OwnMakingAssigned,
    /// Somebody became an administrator of the level; goes to its other administrators and to staff (O2).
    AdministratorAdded,
    /// Somebody is no administrator of the level any more; goes to its other administrators and to staff (O2).
    AdministratorRemoved,
    /// Only one administrator is left (O4).
    OneAdministratorLeft,
    /// The account of a third party's last user administrator is over; goes to the operator (O4).
    ThirdPartyOrphaned,
    /// The account of the last administrator expires within thirty days (E13).
    AdministratorEnding,
    /// Somebody asks for access; goes to the access administrators.
    AccessRequested,
    /// The request was granted.
    RequestGranted,
    /// The request was refused.
    RequestRefused,
    /// A request lapsed, since the account may not be used any more.
    RequestLapsed,
    /// An access review has begun.
    ReviewStarted,
    /// An access review is due soon.
    ReviewDue,
    /// An access review lapsed: what was not confirmed is suspended.
    ReviewLapsed,
    /// Nobody confirmed access in a review; it counts for nothing until somebody does.
    AccessUnconfirmed,
    /// A nomination waits for the operator.
    NominationFiled,
    /// A nomination was decided.
    NominationDecided,
    /// The person's third party was suspended; goes to everybody of it, as do the next three.
    ThirdPartySuspended,
    /// It is in operation again.
    ThirdPartyReactivated,
    /// It was closed.
    ThirdPartyClosed,
    /// It went over into another one.
    ThirdPartyMerged,
    /// It lost an application; goes to whoever held something in it.
    ThirdPartyOffboarded,
    /// The operator let the last administrator of a kind go (O4); goes to whoever is left.
    LastAdministratorGone,
    /// Something out of the ordinary was noticed (security.md 133); goes to identity administrators.
    AlertRaised,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 56] = [
        Self::AccountChanged,
        Self::AccountSuspended,
        Self::AccountReinstated,
        Self::AccountUnlocked,
        Self::AccountDeleted,
        Self::OwnAccountDeleted,
        Self::AccountDeletedByOwner,
        Self::TermsChanged,
        Self::AdministratorTermsChanged,
        Self::ExpirationChanged,
        Self::ExpirationNear,
        Self::AccountPermanent,
        Self::AccountEnded,
        Self::AccountUnused,
        Self::AccountUnusedSuspended,
        Self::InvitationLapsed,
        Self::EmailReplaced,
        Self::EmailStays,
        Self::PhoneReplaced,
        Self::SignInDataReplaced,
        Self::AccessDormant,
        Self::AccessConfirmed,
        Self::ConfirmationNeeded,
        Self::RoleGranted,
        Self::StaffRoleWaits,
        Self::StaffRoleGiven,
        Self::RoleWaits,
        Self::GrantToConfirm,
        Self::RoleRevoked,
        Self::MembershipAssigned,
        Self::MembershipRemoved,
        Self::MembershipEnded,
        Self::SelfAssigned,
        Self::OwnMakingAssigned,
        Self::AdministratorAdded,
        Self::AdministratorRemoved,
        Self::OneAdministratorLeft,
        Self::ThirdPartyOrphaned,
        Self::AdministratorEnding,
        Self::AccessRequested,
        Self::RequestGranted,
        Self::RequestRefused,
        Self::RequestLapsed,
        Self::ReviewStarted,
        Self::ReviewDue,
        Self::ReviewLapsed,
        Self::AccessUnconfirmed,
        Self::NominationFiled,
        Self::NominationDecided,
        Self::ThirdPartySuspended,
        Self::ThirdPartyReactivated,
        Self::ThirdPartyClosed,
        Self::ThirdPartyMerged,
        Self::ThirdPartyOffboarded,
        Self::LastAdministratorGone,
        Self::AlertRaised,
    ];

    /// Whether its mail goes before others: it tells of something that its reader may have to act upon at once.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::EmailReplaced
                | Self::EmailStays
                | Self::PhoneReplaced
                | Self::SignInDataReplaced
                | Self::AccountSuspended
                | Self::AccountUnlocked
                | Self::AccountDeleted
                | Self::OwnAccountDeleted
                | Self::AlertRaised
        )
    }

    /// The stored word; `notice-` before it is the key of its text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountChanged => "account-changed",
            Self::AccountSuspended => "account-suspended",
            Self::AccountReinstated => "account-reinstated",
            Self::AccountUnlocked => "account-unlocked",
            Self::AccountDeleted => "account-deleted",
            Self::OwnAccountDeleted => "own-account-deleted",
            Self::AccountDeletedByOwner => "account-deleted-by-owner",
            Self::TermsChanged => "terms-changed",
            Self::AdministratorTermsChanged => "administrator-terms-changed",
            Self::ExpirationChanged => "expiration-changed",
            Self::ExpirationNear => "expiration-near",
            Self::AccountPermanent => "account-permanent",
            Self::AccountEnded => "account-ended",
            Self::AccountUnused => "account-unused",
            Self::AccountUnusedSuspended => "account-unused-suspended",
            Self::InvitationLapsed => "invitation-lapsed",
            Self::EmailReplaced => "email-replaced",
            Self::EmailStays => "email-stays",
            Self::PhoneReplaced => "phone-replaced",
            Self::SignInDataReplaced => "sign-in-data-replaced",
            Self::AccessDormant => "access-dormant",
            Self::AccessConfirmed => "access-confirmed",
            Self::ConfirmationNeeded => "confirmation-needed",
            Self::RoleGranted => "role-granted",
            Self::StaffRoleWaits => "staff-role-waits",
            Self::StaffRoleGiven => "staff-role-given",
            Self::RoleWaits => "role-waits",
            Self::GrantToConfirm => "grant-to-confirm",
            Self::RoleRevoked => "role-revoked",
            Self::MembershipAssigned => "membership-assigned",
            Self::MembershipRemoved => "membership-removed",
            Self::MembershipEnded => "membership-ended",
            Self::SelfAssigned => "self-assigned",
            Self::OwnMakingAssigned => "own-making-assigned",
            Self::AdministratorAdded => "administrator-added",
            Self::AdministratorRemoved => "administrator-removed",
            Self::OneAdministratorLeft => "one-administrator-left",
            Self::ThirdPartyOrphaned => "third-party-orphaned",
            Self::AdministratorEnding => "administrator-ending",
            Self::AccessRequested => "access-requested",
            Self::RequestGranted => "request-granted",
            Self::RequestRefused => "request-refused",
            Self::RequestLapsed => "request-lapsed",
            Self::ReviewStarted => "review-started",
            Self::ReviewDue => "review-due",
            Self::ReviewLapsed => "review-lapsed",
            Self::AccessUnconfirmed => "access-unconfirmed",
            Self::NominationFiled => "nomination-filed",
            Self::NominationDecided => "nomination-decided",
            Self::ThirdPartySuspended => "third-party-suspended",
            Self::ThirdPartyReactivated => "third-party-reactivated",
            Self::ThirdPartyClosed => "third-party-closed",
            Self::ThirdPartyMerged => "third-party-merged",
            Self::ThirdPartyOffboarded => "third-party-offboarded",
            Self::LastAdministratorGone => "last-administrator-gone",
            Self::AlertRaised => "alert-raised",
        }
    }

    /// The page of the portal where what it tells is seen or done, for those who can open it. What ends an account, or
    /// bars it, is told to people who open no page.
    pub const fn page(self) -> Option<&'static str> {
        match self {
            Self::AccountSuspended
            | Self::AccountReinstated
            | Self::AccountUnlocked
            | Self::AccountDeleted
            | Self::OwnAccountDeleted
            | Self::AccountEnded
            | Self::AccountUnused
            | Self::AccountUnusedSuspended
            | Self::RequestLapsed
            | Self::ThirdPartySuspended
            | Self::ThirdPartyReactivated
            | Self::ThirdPartyClosed => None,
            Self::AccountChanged
            | Self::EmailStays
            | Self::ExpirationChanged
            | Self::RoleWaits
            | Self::StaffRoleGiven
            | Self::RoleRevoked => Some("/profile"),
            Self::EmailReplaced | Self::PhoneReplaced => Some("/profile/security"),
            Self::TermsChanged => Some("/terms"),
            Self::AdministratorTermsChanged => Some("/terms/administrators"),
            Self::AccountDeletedByOwner
            | Self::AccountPermanent
            | Self::InvitationLapsed
            | Self::ExpirationNear
            | Self::SignInDataReplaced
            | Self::RoleGranted
            | Self::AdministratorAdded
            | Self::AdministratorRemoved
            | Self::OneAdministratorLeft
            | Self::AdministratorEnding
            | Self::LastAdministratorGone => Some("/users"),
            Self::ConfirmationNeeded | Self::StaffRoleWaits | Self::GrantToConfirm => {
                Some("/confirmations")
            }
            Self::AccessDormant
            | Self::AccessConfirmed
            | Self::AccessUnconfirmed
            | Self::MembershipAssigned
            | Self::MembershipRemoved
            | Self::RequestGranted
            | Self::ThirdPartyMerged
            | Self::ThirdPartyOffboarded => Some("/apps"),
            Self::MembershipEnded | Self::RequestRefused => Some("/apps/request"),
            Self::SelfAssigned | Self::OwnMakingAssigned => Some("/access/self-assignments"),
            Self::AccessRequested => Some("/requests"),
            Self::ReviewStarted | Self::ReviewDue | Self::ReviewLapsed => Some("/reviews"),
            Self::NominationFiled | Self::NominationDecided => Some("/nominations"),
            Self::ThirdPartyOrphaned => Some("/third-parties"),
            Self::AlertRaised => Some("/audit"),
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::NoticeKind;

    #[test]
    fn every_kind_is_read_back_as_it_is_written() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(NoticeKind::parse("notice"), None);
    }

    #[test]
    fn what_warns_of_a_theft_goes_before_what_many_are_told() {
        assert!(NoticeKind::EmailReplaced.is_urgent() && NoticeKind::PhoneReplaced.is_urgent());
        assert!(!NoticeKind::ThirdPartySuspended.is_urgent());
    }

    #[test]
    fn a_notice_leads_to_a_page_of_ours_where_there_is_something_to_see_or_do() {
        for (kind, page) in [
            (NoticeKind::AccessRequested, Some("/requests")),
            (NoticeKind::ConfirmationNeeded, Some("/confirmations")),
            (NoticeKind::ReviewDue, Some("/reviews")),
            (NoticeKind::PhoneReplaced, Some("/profile/security")),
            (NoticeKind::AccountSuspended, None),
        ] {
            assert_eq!(kind.page(), page, "{kind:?}");
        }
        for page in NoticeKind::ALL.into_iter().filter_map(NoticeKind::page) {
            assert!(page.starts_with('/') && !page.ends_with('/'), "{page}");
        }
    }
}
