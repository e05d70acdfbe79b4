//! The confirmation of a nomination: four eyes for the first administrators of a third party, then everything at once
//! (O1, O2, I15, E56).

use portal_core::{
    access::Application,
    account::{Channel, NewUser, UserStatus},
    administrators::RoleKind,
    audit::AuditAction,
    id::{NominationId, UserId},
    nomination::{
        NominationStep, Nominee,
        appointment::{self, Appointment},
        confirmations_needed,
    },
    notice::NoticeKind,
    organisation::{Level, ThirdPartyStatus},
    permission::Action,
};
use serde_json::json;
use storage::{Account, Digest, NewDelegatedRole, Nomination, ThirdParty};

use super::{
    Administration, AdministrationError, Change, Done, Rule,
    nominations::{check_standing, check_version, in_office, nomination_object},
    roles::with_person,
    third_parties::level_of,
};

/// What a confirmation led to.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// Somebody else of the staff has to confirm too.
    OneOfTwo,
    /// The administrators are appointed.
    Appointed {
        /// The nomination.
        nomination: Box<Nomination>,
        /// Who is to be invited: whose account is new, or was not invited before.
        invited: Vec<UserId>,
    },
}

impl Administration<'_> {
    /// Confirms a nomination, of which the actor saw this version. The last confirmation creates accounts, grants the
    /// roles, onboards to what was asked for and puts the third party into operation, in one transaction. Each person who
    /// is to be invited gets one of `links`, in their order; there are as many as a nomination can name people.
    ///
    /// # Errors
    /// [`Rule::NominationStatus`] for one that is not in review, [`Rule::NomineeElsewhere`] when somebody has got an
    /// account elsewhere meanwhile, [`Rule::NotAppointed`] when somebody's account is not in order,
    /// [`Rule::NominationOfBarred`]. No role is given to anybody then.
    pub async fn confirm_nomination(
        &self,
        (id, version): (NominationId, i64),
        links: &[Digest],
    ) -> Done<Confirmed> {
        let (mut change, third_party, nomination) = self.change_nomination(id).await?;
        let object = nomination_object(&change, &third_party, &nomination).await?;
        change.permit(Action::ConfirmNomination, &object)?;
        check_version(&nomination, version)?;
        check_standing(&third_party)?;
        let needed = confirmations_needed(are_first(&change, &third_party).await?);
        let before = change.tx.list_confirmations(id).await?.len();
        if let Some(by) = self.actor_id()
            && !change.tx.insert_confirmation(id, by, self.now).await?
        {
            return Err(AdministrationError::Stale);
        }
        let is_last = before + 1 >= needed;
        self.step(&change, &nomination, NominationStep::Confirm { is_last }, None).await?;
        let detail = json!({ "confirmations": before + 1, "needed": needed });
        change.record_nomination(&third_party, (id, AuditAction::NominationConfirmed), detail);
        if !is_last {
            change.commit().await?;
            return Ok(Confirmed::OneOfTwo);
        }
        let invited = self.appoint(&mut change, &third_party, &nomination).await?;
        for (user, link) in invited.iter().zip(links) {
            change.insert_activation(*user, link).await?;
        }
        change.tx.insert_signatory_mail(id, self.now).await?;
        change.commit().await?;
        Ok(Confirmed::Appointed { nomination: Box::new(nomination), invited })
    }

    async fn appoint(
        &self,
        change: &mut Change<'_>,
        third_party: &ThirdParty,
        nomination: &Nomination,
    ) -> Done<Vec<UserId>> {
        let level = level_of(third_party)?;
        let applications = self.onboard_asked_for(change, third_party, nomination).await?;
        let mut facts = change.facts();
        facts.insert("third_party".to_owned(), third_party.legal_name.clone());
        let told = change.tx.list_administrators_of(&level.path, self.now).await?;
        let mut invited = Vec::new();
        for nominee in change.tx.list_nominees(nomination.id).await? {
            let (account, how) = self.account_of(change, third_party, (level, &nominee)).await?;
            if how == Appointment::Invited {
                invited.push(account.user.id);
            }
            let roles = self
                .grant_nominated(
                    change,
                    (&account, level, how),
                    (nomination.id, &nominee),
                    &applications,
                )
                .await?;
            if how != Appointment::Invited && !roles.is_empty() {
                let mut facts = facts.clone();
                facts.insert("role".to_owned(), roles.join(", "));
                change.tell(&account, NoticeKind::RoleGranted, facts.clone());
                if how == Appointment::Dormant {
                    let facts = with_person(facts, &account);
                    change.tell_staff(NoticeKind::ConfirmationNeeded, &facts).await?;
                }
            }
        }
        // One that was orphaned stays so while another of its roles has nobody (I14), or who was named waits for a second
        // one: the confirmation ends it then.
        let is_vacant = match change.tx.find_administered(third_party.id).await? {
            Some(administered) if third_party.status == ThirdPartyStatus::Orphaned => {
                change.has_vacant_role(&administered).await?
            }
            _ => false,
        };
        if third_party.status.may_become(ThirdPartyStatus::Active)
            && !is_vacant
            && !change.tx.move_third_party(third_party, ThirdPartyStatus::Active).await?
        {
            return Err(AdministrationError::Stale);
        }
        change.tell_all(&told, NoticeKind::NominationDecided, &facts).await?;
        Ok(invited)
    }

    /// The account of somebody who is named: there already (E56), or new. And how the person is appointed.
    async fn account_of(
        &self,
        change: &mut Change<'_>,
        third_party: &ThirdParty,
        (level, nominee): (&Level, &Nominee),
    ) -> Done<(Account, Appointment)> {
        let missing = AdministrationError::Missing("user");
        let Some(account) = find_account(change, third_party, nominee).await? else {
            let new = new_user(level, nominee);
            let id = change.tx.insert_user(&new, UserStatus::Invited, None, self.now).await;
            let id = id.map_err(AdministrationError::taken(Rule::NomineeElsewhere))?;
            let account = change.tx.find_account(id).await?.ok_or(missing)?;
            let detail = json!({ "status": "INVITED", "email": nominee.email.as_str() });
            change.record_of(&account, AuditAction::UserCreated, detail);
            return Ok((account, Appointment::Invited));
        };
        let failures = change.tx.code_failures(account.user.id).await?;
        let is_locked = failures.suspended_at.is_some();
        let how = appointment::appoint(&account.user, is_locked, self.now);
        let how = how.map_err(|why| AdministrationError::Rule(Rule::NotAppointed(why)))?;
        if how != Appointment::Invited {
            return Ok((account, how));
        }
        if !change.tx.invite_nominated(account.user.id).await? {
            return Err(AdministrationError::Stale);
        }
        let detail = json!({ "before": "NOMINATED", "after": "INVITED" });
        change.record_of(&account, AuditAction::UserConfirmed, detail);
        Ok((account, how))
    }

    /// Grants what somebody is named for; its names. A role that is held already stays as it is.
    async fn grant_nominated(
        &self,
        change: &mut Change<'_>,
        (account, level, how): (&Account, &Level, Appointment),
        (nomination, nominee): (NominationId, &Nominee),
        applications: &[Application],
    ) -> Done<Vec<String>> {
        let mut granted = Vec::new();
        for kind in nominee.roles() {
            let role = NewDelegatedRole {
                user: account.user.id,
                level: level.id,
                application: kind.application(),
                granted_by: None,
                nomination: Some(nomination.0),
            };
            if change.tx.insert_delegated_role(&role, self.now).await? {
                let name = recorded_name(kind, applications);
                let is_dormant = how == Appointment::Dormant;
                if is_dormant {
                    let role = (kind, level.id);
                    change.tx.make_role_dormant(account.user.id, role, self.now).await?;
                }
                let after = if is_dormant { "dormant" } else { "held" };
                let detail = json!({
                    "role": name,
                    "nomination": nomination.to_string(),
                    "before": "none",
                    "after": after,
                });
                change.record_of(account, AuditAction::RoleGranted, detail);
                granted.push(name);
            }
        }
        Ok(granted)
    }

    /// Onboards to what the nomination asks for; all that the third party is then onboarded to.
    async fn onboard_asked_for(
        &self,
        change: &mut Change<'_>,
        third_party: &ThirdParty,
        nomination: &Nomination,
    ) -> Done<Vec<Application>> {
        let all = change.tx.list_applications().await?;
        for id in &nomination.applications {
            let application = all.iter().find(|application| application.id == *id);
            let application = application.ok_or(AdministrationError::Missing("application"))?;
            if change.tx.insert_onboarding(third_party.id, *id, self.now).await? {
                let detail = json!({
                    "application": application.code,
                    "nomination": nomination.id.to_string(),
                });
                change.record_on(third_party, AuditAction::ThirdPartyOnboarded, detail);
            }
        }
        Ok(all)
    }
}

/// Whether nobody is in office who administers users: then two of the staff confirm (O1).
async fn are_first(change: &Change<'_>, third_party: &ThirdParty) -> Done<bool> {
    let in_operation = third_party.status == ThirdPartyStatus::Active;
    let administered = change.tx.find_administered(third_party.id).await?;
    let holders = in_office(administered, change.now());
    let is_led = holders.iter().any(|holder| holder.kind == RoleKind::UserAdministrator);
    Ok(!in_operation || !is_led)
}

/// Refuses an address that cannot be used for the third party. Where else it is in use, and what became of an account,
/// is told to nobody (I5).
pub(super) async fn check_address(
    change: &Change<'_>,
    third_party: &ThirdParty,
    nominee: &Nominee,
) -> Done<()> {
    let account = find_account(change, third_party, nominee).await?;
    if account.is_some_and(|account| account.user.status == UserStatus::Deleted) {
        return Err(AdministrationError::Rule(Rule::NomineeElsewhere));
    }
    Ok(())
}

/// The account of the address of somebody who is named, if there is one: only one of the same third party will do.
async fn find_account(
    change: &Change<'_>,
    third_party: &ThirdParty,
    nominee: &Nominee,
) -> Done<Option<Account>> {
    let account = change.tx.find_account_by_email(nominee.email.key()).await?;
    match account {
        Some(account) if !is_of(third_party, &account) => {
            Err(AdministrationError::Rule(Rule::NomineeElsewhere))
        }
        account => Ok(account),
    }
}

fn is_of(third_party: &ThirdParty, account: &Account) -> bool {
    account.third_party.as_ref().is_some_and(|own| own.id == third_party.id)
}

fn new_user(level: &Level, nominee: &Nominee) -> NewUser {
    NewUser {
        first_name: nominee.first_name.clone(),
        last_name: nominee.last_name.clone(),
        email: nominee.email.clone(),
        phone: nominee.phone.clone(),
        company_id: None,
        expires_on: None,
        level_id: level.id,
        subsidiary_id: None,
        default_channel: Channel::Sms,
    }
}

/// A role as the audit trail names it.
fn recorded_name(kind: RoleKind, applications: &[Application]) -> String {
    let code = kind.application().map(|id| {
        let application = applications.iter().find(|application| application.id == id);
        application.map_or_else(|| id.to_string(), |application| application.code.clone())
    });
    storage::role_name(code.as_deref())
}
