//! Administration: who creates and grants what. Each function begins a [`Change`], asks the permission table, checks
//! the rule, and writes the change, its audit events and its notices in one transaction. Pages, jobs and set-up call
//! these and nothing beneath them.

use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
    id::{LevelId, UserId},
    permission::{self, Action, Actor, Decision, Object},
};
use serde_json::Value;
use storage::{Store, Transaction};

mod access_requests;
mod access_reviews;
mod activation;
mod alerts;
mod applications;
mod appointment;
mod audience;
mod change;
mod clients;
mod confirmations;
mod error;
mod exports;
mod first_staff;
mod imports;
mod lapses;
mod last_administrator;
mod levels;
mod membership_imports;
mod memberships;
mod merger;
mod nomination_links;
mod nominations;
mod onboarding;
mod one_hand;
mod registry;
pub mod review_evidence;
mod review_people;
mod review_schedule;
mod review_sign_off;
mod roles;
mod sign_in_data;
mod staff_roles;
mod terms;
mod third_parties;
mod third_party_status;
mod transition;
mod turn;
mod user_details;
mod user_end;
mod user_imports;
mod user_state;
mod users;

pub use access_reviews::{ReviewChoice, object_of_review};
pub use activation::{LinkFacts, Proof, fits};
pub use appointment::Confirmed;
pub use change::{Change, access_of, object_of};
pub use clients::RegistrationPermit;
pub use confirmations::{Decider, DormantChoice, makers};
pub use error::{AdministrationError, Rule};
pub use imports::{Applied, ImportedFile, Preview, Refusal, RowRefusal};
pub use membership_imports::{
    ChangedMembership, ImportedMembership, MembershipEffect, MembershipStep,
};
pub use memberships::MembershipSave;
pub use merger::{Foreseen, Merger, MergerPreview};
pub use nomination_links::draft_mark;
pub use nominations::{Submission, in_office};
pub use roles::RoleChange;
pub use staff_roles::StaffRoleChange;
pub use terms::is_delegated;
pub use third_parties::object_of_third_party;
pub use user_details::{Modified, UserSave};
pub use user_end::ERASED_AFTER_DAYS;
pub use user_imports::{CreatedUser, ImportedUser, UserImport};
pub use user_state::Suspension;

/// Somebody who administers, at an instant.
pub struct Administration<'a> {
    /// The database.
    pub store: &'a Store,
    /// Who acts.
    pub actor: &'a Actor,
    /// When.
    pub now: Timestamp,
    /// Where from.
    pub origin: Origin,
}

type Done<T> = Result<T, AdministrationError>;

impl Administration<'_> {
    fn permit(&self, action: Action, object: &Object) -> Done<()> {
        match permission::decide(self.actor, action, object, self.now) {
            Decision::Allow(_) => Ok(()),
            Decision::Deny(denial) => Err(AdministrationError::Denied(denial)),
        }
    }

    const fn actor_id(&self) -> Option<UserId> {
        match self.actor {
            Actor::Setup => None,
            Actor::Person { id, .. } => Some(*id),
        }
    }

    async fn write_down(
        &self,
        tx: &Transaction,
        action: AuditAction,
        object: String,
        (level_id, detail): (Option<LevelId>, Value),
    ) -> Done<()> {
        let actor = self.actor_id().map_or(AuditActor::System, AuditActor::User);
        let origin = self.origin.clone();
        Ok(tx
            .append_audit(&AuditEvent {
                at: self.now,
                actor,
                action,
                object,
                level_id,
                detail,
                origin,
            })
            .await?)
    }
}
