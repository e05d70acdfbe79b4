//! What the audit trail tells (I25, I26), and how its entries hang together. Storing is storage's.

pub mod chain;
pub mod export;

use serde_json::Value;

use crate::{
    Timestamp,
    id::{LevelId, UserId},
};

/// Declares the actions, each with its stored word, so that none can be left out of [`AuditAction::ALL`].
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)*
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stored word: a subject and what became of it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What it happened to: the first part of the word.
            pub fn subject(self) -> &'static str {
                self.as_str().split('.').next().unwrap_or_default()
            }

            /// The action of a stored word; `None` for one of a newer version.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.as_str() == word)
            }
        }
    };
}

actions! {
    /// Both factors were proved.
    LoginSucceeded = "login.succeeded",
    /// Step one was refused; the detail says why.
    LoginRefused = "login.refused",
    /// A wrong code was entered.
    CodeRefused = "login.code_refused",
    /// A code was sent.
    CodeSent = "login.code_sent",
    /// A message with a code could not be handed over.
    CodeNotSent = "login.code_not_sent",
    /// The channel of codes was changed by a resend.
    DefaultChannelChanged = "user.default_channel_changed",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// A relying party could not be told that a session is over; the detail says why.
    LogoutGivenUp = "logout.given_up",
    /// An operator had such a try begun again.
    LogoutRetried = "logout.retried",
    /// A wrong current password was given to change it.
    PasswordRefused = "user.password_refused",
    /// A password was changed by its owner.
    PasswordChanged = "user.password_changed",
    /// A third party was created.
    ThirdPartyCreated = "third_party.created",
    /// A third party was onboarded to an application.
    ThirdPartyOnboarded = "third_party.onboarded",
    /// A third party lost its last administrator of a kind; the operator administers it.
    ThirdPartyOrphaned = "third_party.orphaned",
    /// Details of a third party were modified.
    ThirdPartyModified = "third_party.modified",
    /// A third party was suspended.
    ThirdPartySuspended = "third_party.suspended",
    /// A third party is in operation again.
    ThirdPartyReactivated = "third_party.reactivated",
    /// A third party was closed.
    ThirdPartyClosed = "third_party.closed",
    /// The levels of a third party were put under another one.
    ThirdPartyMerged = "third_party.merged",
    /// The onboarding to an application was taken back.
    ThirdPartyOffboarded = "third_party.offboarded",
    /// A level was created, renamed or deleted.
    LevelChanged = "level.changed",
    /// A signatory was invited to nominate.
    NominationInvited = "nomination.invited",
    /// What a signatory has filled in so far was saved; not what it is.
    NominationSaved = "nomination.saved",
    /// A nomination was handed in, by its signatory or on paper.
    NominationSubmitted = "nomination.submitted",
    /// Staff began to look at a nomination.
    NominationInReview = "nomination.in_review",
    /// A nomination went back with a question.
    NominationReturned = "nomination.returned",
    /// Somebody of the staff confirmed a nomination; the detail says whether that was the last one needed.
    NominationConfirmed = "nomination.confirmed",
    /// A nomination was rejected.
    NominationRejected = "nomination.rejected",
    /// A nomination was withdrawn.
    NominationWithdrawn = "nomination.withdrawn",
    /// A mail to a signatory was given up after the last try.
    NominationMailGivenUp = "nomination.mail_given_up",
    /// An account was created.
    UserCreated = "user.created",
    /// Details of an account were changed.
    UserModified = "user.modified",
    /// A new address of a person waits for its proof.
    EmailReplacementAsked = "user.email_replacement_asked",
    /// It was withdrawn before anybody proved it.
    EmailReplacementWithdrawn = "user.email_replacement_withdrawn",
    /// The address of a person was replaced, and the password ended with it.
    EmailReplaced = "user.email_replaced",
    /// The phone number of a person was replaced.
    PhoneReplaced = "user.phone_replaced",
    /// What a person holds counts for nothing until it is confirmed (I28).
    AccessMadeDormant = "user.access_made_dormant",
    /// What a person held ended with the third party, or with its use of an application.
    AccessEnded = "user.access_ended",
    /// What a person holds counts for nothing while the third party is suspended (E55).
    AccessBarred = "user.access_barred",
    /// It counts again.
    AccessRestored = "user.access_restored",
    /// An account was suspended.
    UserSuspended = "user.suspended",
    /// The suspension of an account has ended.
    UserReinstated = "user.reinstated",
    /// A lock that wrong codes caused was ended.
    UserUnlocked = "user.unlocked",
    /// An account was deleted.
    UserDeleted = "user.deleted",
    /// The personal data of a deleted account were erased.
    UserErased = "user.erased",
    /// A link to activate an account was made.
    ActivationIssued = "user.activation_issued",
    /// Somebody who was nominated is confirmed, and invited.
    UserConfirmed = "user.confirmed",
    /// An account was activated.
    UserActivated = "user.activated",
    /// A person acknowledged a version of the terms of use, or of their supplement for administrators.
    TermsAcknowledged = "user.terms_acknowledged",
    /// A delegated role was granted.
    RoleGranted = "role.granted",
    /// A delegated role was revoked.
    RoleRevoked = "role.revoked",
    /// A role of the operator's staff was granted.
    StaffRoleGranted = "staff_role.granted",
    /// A role of the operator's staff was revoked.
    StaffRoleRevoked = "staff_role.revoked",
    /// A delegated role that was dormant counts again.
    RoleConfirmed = "role.confirmed",
    /// A membership that was dormant counts again.
    MembershipConfirmed = "membership.confirmed",
    /// A group membership was assigned.
    MembershipAssigned = "membership.assigned",
    /// A group membership was removed.
    MembershipRemoved = "membership.removed",
    /// A group membership was given another last day, or none.
    MembershipMoved = "membership.moved",
    /// A group membership ended, because its last day was over.
    MembershipEnded = "membership.ended",
    /// A signed-in person was denied a page, or what it does; the detail says what the permission table was asked.
    AccessDenied = "access.denied",
    /// Who has access to what was taken out of the portal as a file; the detail says of which level and day.
    AccessExported = "access.exported",
    /// Somebody asked for access.
    AccessRequested = "access_request.filed",
    /// Somebody took a request for access back.
    AccessRequestWithdrawn = "access_request.withdrawn",
    /// A request for access was granted or refused.
    AccessRequestDecided = "access_request.decided",
    /// A request for access lapsed: the person's account is no longer in use.
    AccessRequestLapsed = "access_request.lapsed",
    /// An access review has begun.
    ReviewBegun = "access_review.begun",
    /// An administrator decided on memberships under review.
    ReviewDecided = "access_review.decided",
    /// An access review was signed off.
    ReviewSignedOff = "access_review.signed_off",
    /// An access review lapsed: what was not confirmed is dormant.
    ReviewLapsed = "access_review.lapsed",
    /// The evidence of an access review was taken out of the portal.
    ReviewExported = "access_review.exported",
    /// A list of users was taken out of the portal.
    UsersExported = "users.exported",
    /// A list of users to be created was checked, which tells whose addresses are taken.
    UsersPreviewed = "users.previewed",
    /// Accounts were created from a list.
    UsersImported = "users.imported",
    /// Memberships were assigned from a list.
    MembershipsImported = "memberships.imported",
    /// The top of the tree, a subsidiary, an application or a group was created.
    RegistryChanged = "registry.changed",
    /// A client was registered.
    ClientRegistered = "client.registered",
    /// A client changed its registration.
    ClientUpdated = "client.updated",
    /// A client was taken out of service.
    ClientDisabled = "client.disabled",
    /// An initial access token was issued: whoever holds it may register clients.
    RegistrationAllowed = "client.registration_allowed",
    /// An authorization code or a rotated refresh token came a second time; its family was revoked.
    TokenReused = "token.reused",
    /// A client gave a token back, and with it all that came from the same sign-in.
    TokenRevoked = "token.revoked",
    /// A signing key was made; the detail says from when on it signs.
    SigningKeyCreated = "signing_key.created",
    /// A signing key was taken back.
    SigningKeyRevoked = "signing_key.revoked",
    /// A key that signs the audit trail was made.
    AuditKeyCreated = "audit.key_created",
    /// Something out of the ordinary was noticed (security.md 133); the object says what, the detail how often.
    AlertRaised = "alert.raised",
    /// Part of the audit trail was taken out of the portal; the detail says which.
    AuditExported = "audit.exported",
    /// A person allowed a client what it asked for.
    ConsentGiven = "consent.given",
    /// A person did not allow a client what it asked for.
    ConsentRefused = "consent.refused",
    /// A person took back what a client was allowed, and with it all its tokens.
    ConsentRevoked = "consent.revoked",
}

impl AuditAction {
    /// What a person decides about clients: it is on the client, and of the person's own.
    pub const CONSENT: [Self; 3] = [Self::ConsentGiven, Self::ConsentRefused, Self::ConsentRevoked];

    /// What actions happen to, each once, in the order of the actions.
    pub fn subjects() -> Vec<&'static str> {
        let mut subjects = Vec::new();
        for action in Self::ALL {
            if !subjects.contains(&action.subject()) {
                subjects.push(action.subject());
            }
        }
        subjects
    }

    /// The actions of a subject.
    pub fn of(subject: &str) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|action| action.subject() == subject).collect()
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditActor {
    /// Nobody known: before sign-in, or a client.
    Anonymous,
    /// The program itself, at set-up.
    System,
    /// A person.
    User(UserId),
}

impl AuditActor {
    /// The stored form.
    pub fn to_text(self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::System => "system".to_owned(),
            Self::User(id) => format!("user:{id}"),
        }
    }

    /// The person of a stored actor or object, if it is one.
    pub fn user_of(text: &str) -> Option<UserId> {
        text.strip_prefix("user:")?.parse().ok()
    }
}

/// Where a change came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Network address of the requester.
    pub ip: Option<String>,
    /// Id that the log lines and the error page of the request share.
    pub request_id: Option<String>,
}

/// One entry of the trail. No secret, no code, no phone number goes into `detail`.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// What.
    pub action: AuditAction,
    /// On whom or what: `user:…`, `third_party:…`, `client:…`.
    pub object: String,
    /// The level whose administrators may read it (O20).
    pub level_id: Option<LevelId>,
    /// Before and after, or the reason.
    pub detail: Value,
    /// Where from.
    pub origin: Origin,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_has_a_word_of_its_own_with_a_subject() {
        let words: BTreeSet<&str> = AuditAction::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(words.len(), AuditAction::ALL.len());
        for action in AuditAction::ALL {
            assert!(action.as_str().split_once('.').is_some(), "{action:?}");
            assert_eq!(AuditAction::parse(action.as_str()), Some(*action));
        }
        assert_eq!(AuditAction::parse("moon.landed"), None);
    }

    #[test]
    fn who_did_it_is_written_in_words() {
        assert_eq!(AuditActor::Anonymous.to_text(), "anonymous");
        assert_eq!(AuditActor::System.to_text(), "system");
        let id = UserId(uuid::Uuid::nil());
        let text = AuditActor::User(id).to_text();
        assert_eq!(text, format!("user:{id}"));
        assert_eq!(AuditActor::user_of(&text), Some(id));
        assert_eq!(AuditActor::user_of("client:casper"), None);
    }

    #[test]
    fn each_subject_is_named_once_and_has_its_actions() {
        let subjects = AuditAction::subjects();
        let unique: BTreeSet<&str> = subjects.iter().copied().collect();
        assert_eq!(unique.len(), subjects.len());
        let of_all: Vec<AuditAction> =
            subjects.iter().flat_map(|subject| AuditAction::of(subject)).collect();
        assert_eq!(of_all.len(), AuditAction::ALL.len());
        for subject in subjects {
            let actions = AuditAction::of(subject);
            assert!(!actions.is_empty() && actions.iter().all(|one| one.subject() == subject));
        }
        assert_eq!(AuditAction::of("moon"), []);
    }
}
