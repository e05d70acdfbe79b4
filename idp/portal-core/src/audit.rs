//! What the audit trail tells (I25, I26). Storing and chaining is storage's; which words exist is decided here.

use serde_json::Value;

use crate::{
    Timestamp,
    id::{LevelId, UserId},
};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditAction {
    /// Both factors were proved.
    LoginSucceeded,
    /// Step one was refused; the detail says why.
    LoginRefused,
    /// A wrong code was entered.
    CodeRefused,
    /// A code was sent.
    CodeSent,
    /// A message with a code could not be handed over.
    CodeNotSent,
    /// The channel of codes was changed by a resend.
    DefaultChannelChanged,
    /// A session was ended.
    SessionEnded,
    /// A relying party could not be told that a session is over; the detail says why.
    LogoutGivenUp,
    /// An operator had such a try begun again.
    LogoutRetried,
    /// A wrong current password was given to change it.
    PasswordRefused,
    /// A password was changed by its owner.
    PasswordChanged,
    /// A third party was created.
    ThirdPartyCreated,
    /// A third party was onboarded to an application.
    ThirdPartyOnboarded,
    /// An account was created.
    UserCreated,
    /// An account was activated.
    UserActivated,
    /// A delegated or staff role was granted.
    RoleGranted,
    /// A group membership was assigned.
    MembershipAssigned,
    /// A group membership was removed.
    MembershipRemoved,
    /// The top of the tree, a subsidiary, an application or a group was created.
    RegistryChanged,
    /// A client was registered.
    ClientRegistered,
    /// A client changed its registration.
    ClientUpdated,
    /// A client was taken out of service.
    ClientDisabled,
    /// An initial access token was issued: whoever holds it may register clients.
    RegistrationAllowed,
    /// An authorization code or a rotated refresh token came a second time; its family was revoked.
    TokenReused,
    /// A client gave a token back, and with it all that came from the same sign-in.
    TokenRevoked,
    /// A signing key was made; the detail says from when on it signs.
    SigningKeyCreated,
    /// A signing key was taken back.
    SigningKeyRevoked,
    /// A person allowed a client what it asked for.
    ConsentGiven,
    /// A person did not allow a client what it asked for.
    ConsentRefused,
    /// A person took back what a client was allowed, and with it all its tokens.
    ConsentRevoked,
}

impl AuditAction {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LoginSucceeded => "login.succeeded",
            Self::LoginRefused => "login.refused",
            Self::CodeRefused => "login.code_refused",
            Self::CodeSent => "login.code_sent",
            Self::CodeNotSent => "login.code_not_sent",
            Self::DefaultChannelChanged => "user.default_channel_changed",
            Self::SessionEnded => "session.ended",
            Self::LogoutGivenUp => "logout.given_up",
            Self::LogoutRetried => "logout.retried",
            Self::PasswordRefused => "user.password_refused",
            Self::PasswordChanged => "user.password_changed",
            Self::ThirdPartyCreated => "third_party.created",
            Self::ThirdPartyOnboarded => "third_party.onboarded",
            Self::UserCreated => "user.created",
            Self::UserActivated => "user.activated",
            Self::RoleGranted => "role.granted",
            Self::MembershipAssigned => "membership.assigned",
            Self::MembershipRemoved => "membership.removed",
            Self::RegistryChanged => "registry.changed",
            Self::ClientRegistered => "client.registered",
            Self::ClientUpdated => "client.updated",
            Self::ClientDisabled => "client.disabled",
            Self::RegistrationAllowed => "client.registration_allowed",
            Self::TokenReused => "token.reused",
            Self::TokenRevoked => "token.revoked",
            Self::SigningKeyCreated => "signing_key.created",
            Self::SigningKeyRevoked => "signing_key.revoked",
            Self::ConsentGiven => "consent.given",
            Self::ConsentRefused => "consent.refused",
            Self::ConsentRevoked => "consent.revoked",
        }
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
