//! Mergers: the level of one third party is put under that of another, which carries on (E27). Preview and change
//! follow from the same plan.

use std::collections::BTreeSet;

use portal_core::{
    access::Application,
    audit::AuditAction,
    id::{ApplicationId, ThirdPartyId},
    organisation::{Level, LevelName, ThirdPartyStatus},
    permission::Action,
};
use serde_json::json;
use storage::ThirdParty;

use super::{
    Administration, AdministrationError, Change, Done, Rule, levels::check_length,
    object_of_third_party, turn::Turn,
};

/// What the actor was told a merger would do: the merger does exactly that, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// Version of the third party that ends.
    pub source_version: i64,
    /// Version of the one that carries on.
    pub target_version: i64,
    /// Accounts that go over.
    pub people: u64,
    /// Delegated roles that are revoked.
    pub roles_revoked: u64,
    /// Memberships that stay.
    pub kept: u64,
    /// Memberships that end.
    pub lost: u64,
}

/// A merger to be made.
#[derive(Clone, Copy, Debug)]
pub struct Merger<'a> {
    /// The third party that ends.
    pub source: ThirdPartyId,
    /// The one that carries on.
    pub target: ThirdPartyId,
    /// Name of the level under that of the target.
    pub name: &'a LevelName,
    /// Why.
    pub reason: &'a str,
    /// What the actor was told.
    pub foreseen: Foreseen,
}

/// What a merger would do.
#[derive(Clone, Debug)]
pub struct MergerPreview {
    /// The third party that ends.
    pub source: ThirdParty,
    /// The one that carries on.
    pub target: ThirdParty,
    /// Accounts that go over.
    pub people: u64,
    /// Delegated roles that are revoked: all of the source.
    pub roles_revoked: u64,
    /// Applications whose memberships stay, with how many.
    pub kept: Vec<(Application, u64)>,
    /// Applications that the target is not onboarded to, with how many memberships end.
    pub lost: Vec<(Application, u64)>,
    /// Whether the target has a level of the source's name already.
    pub name_is_taken: bool,
}

impl MergerPreview {
    /// What it says, in figures.
    pub fn foreseen(&self) -> Foreseen {
        let sum = |of: &[(Application, u64)]| of.iter().map(|(_, count)| count).sum();
        Foreseen {
            source_version: self.source.version,
            target_version: self.target.version,
            people: self.people,
            roles_revoked: self.roles_revoked,
            kept: sum(&self.kept),
            lost: sum(&self.lost),
        }
    }
}

impl Administration<'_> {
    /// What a merger would do, without doing it.
    ///
    /// # Errors
    /// [`Rule::Merger`] when the two cannot be merged.
    pub async fn preview_merger(
        &self,
        source: ThirdPartyId,
        target: ThirdPartyId,
    ) -> Done<MergerPreview> {
        let missing = AdministrationError::Missing("third party");
        let from = self.store.find_third_party(source).await?.ok_or(missing)?;
        let missing = AdministrationError::Missing("third party");
        let into = self.store.find_third_party(target).await?.ok_or(missing)?;
        self.permit(Action::MergeThirdParty, &object_of_third_party(&from))?;
        self.permit(Action::MergeThirdParty, &object_of_third_party(&into))?;
        let (level, parent) = check(&from, &into)?;
        let onboarded = self.store.list_onboarded_applications(target).await?;
        let (mut kept, mut lost) = (Vec::new(), Vec::new());
        for application in self.store.list_onboarded_applications(source).await? {
            let count = self.store.count_access(source, Some(application.id)).await?;
            let stays = onboarded.iter().any(|other| other.id == application.id);
            let kept_or_lost = if stays { &mut kept } else { &mut lost };
            kept_or_lost.push((application, count.memberships));
        }
        let name = LevelName::parse(&level.name).ok();
        let name_is_taken = match name {
            Some(name) => self.store.find_level(&parent.path.child(&name)).await?.is_some(),
            None => true,
        };
        Ok(MergerPreview {
            people: self.store.count_people(source).await?,
            roles_revoked: self.store.count_access(source, None).await?.roles,
            source: from,
            target: into,
            kept,
            lost,
            name_is_taken,
        })
    }

    /// Puts the level of the source under that of the target. The rights of both are asked again; whoever administered
    /// the source administers nothing any more.
    ///
    /// # Errors
    /// [`Rule::Merger`] when the two cannot be merged, [`Rule::LevelNameTaken`], [`Rule::LevelPathTooLong`];
    /// [`AdministrationError::Stale`] when it would do anything else than was foreseen.
    pub async fn merge_third_parties(&self, merger: &Merger<'_>) -> Done<()> {
        let Merger { source, target, name, reason, foreseen } = *merger;
        self.finish_turn(source).await?;
        // Both are held, always in the same order.
        let mut change = self.change(Some(source.min(target))).await?;
        change.tx.hold_organisation(Some(source.max(target))).await?;
        let missing = || AdministrationError::Missing("third party");
        let from = change.tx.find_third_party(source).await?.ok_or_else(missing)?;
        let into = change.tx.find_third_party(target).await?.ok_or_else(missing)?;
        change.permit(Action::MergeThirdParty, &object_of_third_party(&from))?;
        change.permit(Action::MergeThirdParty, &object_of_third_party(&into))?;
        let (level, parent) = check(&from, &into)?;
        let longest = change.tx.longest_path(level).await?;
        let beginning = parent.path.child(name).as_str().chars().count();
        check_length(longest + beginning - level.path.as_str().chars().count())?;
        if from.version != foreseen.source_version || into.version != foreseen.target_version {
            return Err(AdministrationError::Stale);
        }
        let people = change.tx.count_people(source).await?;
        let lost = self.list_lost(&change, &from, &into).await?;
        change.turn(&from, Turn::Merged(&into, &lost), reason).await?;
        let lost = change.tx.end_access(source, &lost, self.actor_id(), self.now).await?;
        change.tx.delete_onboardings(source).await?;
        let roles = change.tx.end_delegation(source, self.actor_id(), self.now).await?;
        let kept = change.tx.count_access(source).await?.memberships;
        let revoked = lost.roles + roles.len() as u64;
        let done = (people, revoked, kept, lost.memberships);
        if done != (foreseen.people, foreseen.roles_revoked, foreseen.kept, foreseen.lost) {
            return Err(AdministrationError::Stale);
        }
        let withdrawn = change.withdraw_nominations(&from).await?;
        change.tx.void_nomination_links(source, self.now).await?;
        change.keep_void(&from).await?;
        let moved = change.tx.move_level(level, parent, name).await;
        moved.map_err(AdministrationError::taken(Rule::LevelNameTaken))?;
        // What somebody could open only as its administrator is closed now.
        for (user, application) in &roles {
            if let Some(application) = application {
                change.tx.end_lost_access(*user, *application, self.now).await?;
            }
        }
        self.move_on(&change, &from, foreseen.source_version, ThirdPartyStatus::Closed).await?;
        change.tx.set_successor(source, target).await?;
        let detail = json!({
            "into": target.to_string(),
            "reason": reason,
            "level": { "before": level.path.as_str(), "after": parent.path.child(name).as_str() },
            "memberships_ended": lost.memberships,
            "roles_revoked": revoked,
            "nominations_withdrawn": withdrawn,
        });
        change.record_on(&from, AuditAction::ThirdPartyMerged, detail);
        change.commit().await
    }

    /// The applications that the target is not onboarded to.
    async fn list_lost(
        &self,
        change: &Change<'_>,
        from: &ThirdParty,
        into: &ThirdParty,
    ) -> Done<Vec<ApplicationId>> {
        let kept = change.tx.list_onboarded_applications(into.id).await?;
        let kept: BTreeSet<ApplicationId> = kept.iter().map(|application| application.id).collect();
        let onboarded = change.tx.list_onboarded_applications(from.id).await?;
        let ids = onboarded.iter().map(|application| application.id);
        Ok(ids.filter(|id| !kept.contains(id)).collect())
    }
}

impl Change<'_> {
    /// What was void because of the source stays so in the target; of a suspended one, that is all until now.
    async fn keep_void(&self, from: &ThirdParty) -> Done<()> {
        let Some(mut since) = from.barred_at else {
            return Ok(());
        };
        if from.status == ThirdPartyStatus::Suspended {
            since = since.max(self.now());
        }
        Ok(self.tx.keep_barred(from.id, since).await?)
    }
}

/// The level that goes over, and the one that it is put under.
fn check<'a>(from: &'a ThirdParty, into: &'a ThirdParty) -> Done<(&'a Level, &'a Level)> {
    let carries_on = matches!(into.status, ThirdPartyStatus::Active | ThirdPartyStatus::Orphaned);
    let can_end = from.status.may_become(ThirdPartyStatus::Closed);
    match (&from.level, &into.level) {
        (Some(level), Some(parent)) if carries_on && can_end && from.id != into.id => {
            Ok((level, parent))
        }
        _ => Err(AdministrationError::Rule(Rule::Merger)),
    }
}
