//! What must survive: every table of the portal, on SQLite and PostgreSQL, through one code path.
//!
//! One file a noun. Methods of [`Store`] read; methods of [`Transaction`] write, and every change carries its audit
//! event in the same transaction (I25). Whatever may be used only once is used up through [`guarded`].
#![warn(missing_docs)]

mod access;
mod access_administrator;
mod access_end;
mod access_overview;
mod access_request;
mod access_review;
mod access_review_due;
mod access_review_effect;
mod access_review_item;
mod access_review_snapshot;
mod account;
mod account_list;
mod administrator;
mod application;
mod application_administrator;
mod at_most;
mod audit;
mod authorization_code;
mod client;
mod client_assertion;
mod client_details;
mod client_secret;
mod concerned;
mod consent;
mod delegate;
mod descent;
mod dormant;
mod entity;
mod error;
mod failure;
mod first_staff;
mod grant;
mod guarded;
mod held_membership;
mod known_device;
mod level_sight;
mod level_tree;
mod login;
mod logout_delivery;
mod lone_role;
mod lost_access;
mod mail;
mod membership;
mod nomination;
mod nomination_draft;
mod nomination_evidence;
mod nomination_origin;
mod nomination_queue;
mod notice;
mod one_hand;
mod one_time_link;
mod organisation;
mod pending_request;
mod pushed_request;
mod refresh_token;
mod registration;
mod revoked_token;
mod role;
mod role_history;
mod row_id;
mod sealing;
mod session;
mod session_client;
mod session_end;
mod sign_in_data;
mod signing_key;
mod staff_role;
mod store;
mod stored_list;
mod sweep;
mod terms;
mod third_party;
mod third_party_end;
mod third_party_list;
mod unfinished_turn;
mod user_change;
mod user_facts;
mod user_lapse;
mod user_list;

pub use access::NewApplication;
pub use access_administrator::AccessAdministrator;
pub use access_end::AccessCount;
pub use access_overview::{AccessOnDay, AccessRow, PersonAccess};
pub use access_request::{AccessRequest, GroupOffer};
pub use access_review::{AccessReview, ReviewsWanted};
pub use access_review_due::ReviewDue;
pub use access_review_effect::Restored;
pub use access_review_item::{ItemsWanted, ReviewItem};
pub use account::{Account, ThirdPartySummary};
pub use administrator::Administered;
pub use application::{ApplicationDetails, ApplicationSummary, RegisteredApplication};
pub use at_most::AtMost;
pub use audit::{
    AuditNames, AuditPosition, AuditSearch, CheckpointReader, PersonName, StoredAuditKey,
    StoredCheckpoint, Walked,
};
pub use client::RedirectUris;
pub use concerned::{Concern, Concerned};
pub use consent::{Consent, RevokedConsent};
pub use delegate::Delegate;
pub use dormant::DormantMembership;
pub use error::StorageError;
pub use failure::{CodeClaim, PasswordClaim};
pub use grant::StoredGrant;
pub use held_membership::{FormerMembership, HeldMembership, OfferedGroup};
pub use level_tree::{LevelCount, SubsidiaryDetails};
pub use login::{LoginDigest, NewLogin};
pub use logout_delivery::LogoutDelivery;
pub use lone_role::LoneRole;
pub use mail::{MailId, MailTry, SignatoryMail};
pub use membership::NewMembership;
pub use nomination::{Confirmation, NewNomination, Nomination, NominationMove, Signatory};
pub use nomination_evidence::{Evidence, NewEvidence};
pub use nomination_origin::NominationOrigin;
pub use nomination_queue::NominationFilter;
pub use notice::{DueMail, NewNotice, Notice, NoticeFacts};
pub use one_hand::{NewOneHand, OneHandPosition, OneHandRow, OneHandSearch};
pub use one_time_link::{Link, NewLink};
pub use pending_request::{PendingRequest, RequestDigest, StoredAnswer};
pub use registration::{InitialAccessToken, Registration};
pub use role::{HeldRole, NewDelegatedRole, role_name};
pub use sealing::{Sealer, SealingError};
pub use session::{NewSession, SessionDigest};
pub use signing_key::StoredSigningKey;
pub use staff_role::{HeldStaffRole, NewStaffRole};
pub use store::{Store, StoreSettings, Transaction};
pub use third_party::ThirdParty;
pub use third_party_list::{
    ThirdPartyFilter, ThirdPartyOrder, ThirdPartyPosition, ThirdPartyRows, ThirdPartySort,
};
pub use unfinished_turn::UnfinishedTurn;
pub use user_facts::LevelAdministrator;
pub use user_lapse::{Ending, Lapsed, Unused, UnusedSearch};
pub use user_list::{Found, UserOrder, UserPosition, UserRow, UserRows, UserSearch, UserSort};

/// SHA-256 of a secret that the portal made: what is stored in its place (design §4).
pub type Digest = [u8; 32];
