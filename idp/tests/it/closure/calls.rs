//! What delegated administrators do in a random sequence, and what the people around them do.

use idp::administration::{
    Administration, AdministrationError, DormantChoice, ImportedFile, ImportedMembership,
    MembershipStep, Proof, ReviewChoice, RoleChange, Suspension, UserSave,
};
use portal_core::{
    access::Group,
    access_request::{Answer, NewAccessRequest, Reason, RequestState},
    access_review::{ItemDecision, ReviewState},
    account::{NewUser, UserStatus},
    administrators::RoleKind,
    audit::Origin,
    email::{Email, EmailKey},
    id::UserId,
    one_time_link::LinkPurpose,
    organisation::LevelName,
    permission::{Actor, ApplicationSight, StaffRole},
    phone::PhoneNumber,
    terms::Version,
};
use storage::{AccessRequest, AccessReview, Account, ItemsWanted, ReviewsWanted};

use super::{Counting, World, counting};
use crate::{dice::Dice, harness::TestIdp};

/// Something that is done, each as often as it stands in [`Deed::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Activate,
    Replace,
    Grant,
    Revoke,
    Assign,
    Remove,
    Decide,
    End,
    Move,
    Ask,
    Answer,
    Import,
    Review,
    ActAsStaff,
    SignIn,
}

impl Deed {
    const ALL: [Self; 17] = [
        Self::Create,
        Self::Activate,
        Self::Replace,
        Self::Replace,
        Self::Grant,
        Self::Revoke,
        Self::Assign,
        Self::Remove,
        Self::Decide,
        Self::End,
        Self::Move,
        Self::Ask,
        Self::Answer,
        Self::Import,
        Self::Review,
        Self::ActAsStaff,
        Self::SignIn,
    ];

    pub(super) fn of(dice: &mut Dice) -> Self {
        *dice.one_of(&Self::ALL)
    }

    /// Whether it is about more than one person.
    pub(super) fn is_about_many(self) -> bool {
        matches!(self, Self::Import | Self::Review)
    }
}

type Done = Result<(), AdministrationError>;

impl World {
    pub(super) async fn act(
        &mut self,
        dice: &mut Dice,
        (by, actor): (UserId, &Actor),
        (deed, user): (Deed, UserId),
    ) -> Done {
        let store = self.store.clone();
        let doing =
            Administration { store: &store, actor, now: self.now, origin: Origin::default() };
        let group = dice.one_of(&self.groups).clone();
        match deed {
            Deed::Create => {
                let level = dice.one_of(&self.levels).0;
                let email = format!("new-{}@bank.example", self.calls);
                let new = TestIdp::new_user(&email, level);
                let id = doing.create_user(&new, UserStatus::Invited).await?;
                self.users.push(id);
                Ok(())
            }
            Deed::Activate => at_setup(&doing).activate_user(user, "no password").await,
            Deed::Replace => self.replace(dice, (by, &doing), user).await,
            Deed::Grant => {
                let change = RoleChange { grant: vec![self.kind(dice)], ..RoleChange::default() };
                doing.change_roles(user, &change).await
            }
            Deed::Revoke => {
                let change = RoleChange { revoke: vec![self.kind(dice)], ..RoleChange::default() };
                doing.change_roles(user, &change).await
            }
            Deed::Assign => doing.assign_membership(user, &group).await,
            Deed::Remove => doing.remove_membership(user, &group).await,
            Deed::Decide => {
                let mut choice =
                    DormantChoice { confirm: dice.below(4) > 0, ..DormantChoice::default() };
                if dice.below(2) == 0 {
                    choice.groups.insert(group.id);
                } else {
                    let level = self.account(user).await.level.id;
                    choice.roles.insert((self.kind(dice), level));
                }
                doing.decide_dormant(user, &choice).await
            }
            Deed::End => self.end_or_reinstate(dice, &doing, user).await,
            Deed::Move => {
                let level = dice.one_of(&self.levels).0;
                let account = self.account(user).await;
                let details = NewUser { level_id: level, ..details_of(&account) };
                modify(&doing, &account, details).await.map(|_| ())
            }
            Deed::Ask if dice.below(4) == 0 => ask(&doing, user, &group).await,
            Deed::Ask => self.ask_oneself(user, &group).await,
            Deed::Answer => self.answer(dice, &doing, (user, &group)).await,
            Deed::Import => self.import(dice, &doing, user).await,
            Deed::Review => self.review(dice, &doing, (user, &group)).await,
            Deed::ActAsStaff => self.act_as_staff(dice, &doing, user).await,
            Deed::SignIn => self.sign_in(user).await,
        }
    }

    /// Somebody signs in as that person.
    async fn sign_in(&mut self, user: UserId) -> Done {
        if self.account(user).await.user.status == UserStatus::Active {
            let tx = self.store.begin().await?;
            tx.note_login(user, self.now).await?;
            tx.commit().await?;
            self.signed_in.insert(user, self.now);
        }
        Ok(())
    }

    fn kind(&self, dice: &mut Dice) -> RoleKind {
        match dice.below(self.groups.len() + 1) {
            0 => RoleKind::UserAdministrator,
            n => RoleKind::AccessAdministrator(self.groups[n - 1].application_id),
        }
    }

    /// Replaces the address, the number, or both; the proof of an address is taken as given, as a thief would give it.
    async fn replace(
        &mut self,
        dice: &mut Dice,
        (by, doing): (UserId, &Administration<'_>),
        user: UserId,
    ) -> Done {
        let account = self.account(user).await;
        let mut details = details_of(&account);
        let which = dice.below(3);
        if which != 1 {
            details.email = Email::parse(&format!("other-{}@bank.example", self.calls)).unwrap();
        }
        if which != 0 {
            details.phone = PhoneNumber::parse(&format!("+44770091{:04}", self.calls)).unwrap();
        }
        let chosen = self.who_chose(&account).await;
        let link = modify(doing, &account, details).await?;
        let proof = Proof {
            link,
            purpose: LinkPurpose::NewEmail,
            user,
            phone: None,
            password_hash: "no password",
            terms: &Version::of_text(),
        };
        // An account that is not in use has its new address already, or cannot prove it.
        let _ = at_setup(doing).use_link(&proof).await;
        let is_other_address = self.account(user).await.user.email != account.user.email;
        let replaced = [is_other_address, which != 0];
        if let Some(takers) = self.note_replaced(user, (by, chosen), replaced) {
            self.captured.entry(user).or_default().extend(takers);
            let left = counting(&self.store, user).await;
            assert_eq!(left, Counting::default(), "both are replaced and something counts");
        }
        Ok(())
    }

    async fn end_or_reinstate(
        &self,
        dice: &mut Dice,
        doing: &Administration<'_>,
        user: UserId,
    ) -> Done {
        match dice.below(3) {
            0 => {
                doing
                    .suspend_user(user, Suspension { reason: "leave", ..Suspension::default() })
                    .await
            }
            1 => doing.reinstate_user(user).await,
            _ => {
                let version = self.account(user).await.user.version;
                doing.delete_user(user, version, None).await
            }
        }
    }

    async fn ask_oneself(&self, user: UserId, group: &Group) -> Done {
        let actor = self.store.actor(&self.account(user).await).await?;
        let (store, origin) = (&self.store, Origin::default());
        ask(&Administration { store, actor: &actor, now: self.now, origin }, user, group).await
    }

    /// Grants or refuses what somebody asks for; if nothing is open, the person asks first.
    async fn answer(
        &self,
        dice: &mut Dice,
        doing: &Administration<'_>,
        (user, group): (UserId, &Group),
    ) -> Done {
        let mut open = self.open_requests(user).await;
        if open.is_empty() {
            self.ask_oneself(user, group).await?;
            open = self.open_requests(user).await;
        }
        let answer = match dice.below(4) {
            0 => Answer::Refuse { reason: reason() },
            _ => Answer::Grant { until: None },
        };
        doing.decide_access_request(dice.one_of(&open).id, &answer).await
    }

    async fn open_requests(&self, user: UserId) -> Vec<AccessRequest> {
        let mut requests = self.store.list_own_access_requests(user, 100).await.unwrap();
        requests.retain(|request| request.state == RequestState::Open);
        requests
    }

    /// A file about the person and somebody else, shown and applied.
    async fn import(&self, dice: &mut Dice, doing: &Administration<'_>, user: UserId) -> Done {
        let mut rows = Vec::new();
        for (row, user) in [user, *dice.one_of(&self.users)].into_iter().enumerate() {
            let email = EmailKey::of(&self.account(user).await.user.email);
            let group = dice.one_of(&self.groups).name.clone();
            let step = match dice.below(4) {
                0 => MembershipStep::Remove,
                _ => MembershipStep::Add(None),
            };
            rows.push(ImportedMembership { row, email, group, step });
        }
        let file = ImportedFile { digest: [1; 32], ticket: new_digest() };
        doing.preview_memberships(&rows, &file).await?;
        doing.import_memberships(&rows, &file).await.map(|_| ())
    }

    /// Begins a review unless one is open, decides in it, and signs it off or lets it lapse.
    async fn review(
        &self,
        dice: &mut Dice,
        doing: &Administration<'_>,
        (user, group): (UserId, &Group),
    ) -> Done {
        let third_party = self.account(user).await.third_party;
        let third_party = third_party.ok_or(AdministrationError::Missing("third party"))?.id;
        let application = group.application_id;
        let begun = doing.begin_access_review(third_party, application).await;
        let wanted = ReviewsWanted { limit: 100, ..ReviewsWanted::default() };
        let reviews = self.store.list_access_reviews(&ApplicationSight::Everything, wanted).await?;
        let is_this = |review: &&AccessReview| {
            (review.third_party, review.application) == (third_party, application)
                && matches!(review.state, ReviewState::Open | ReviewState::Lapsed)
        };
        let Some(review) = reviews.iter().find(is_this) else {
            return begun.map(|_| ());
        };
        let wanted = ItemsWanted { limit: 100, ..ItemsWanted::default() };
        let items = self.store.list_review_items(review.id, &wanted).await?;
        let decisions: Vec<_> = items
            .iter()
            .map(|item| ReviewChoice {
                position: item.position,
                was: item.decision,
                decision: match dice.below(4) {
                    0 => ItemDecision::Remove,
                    _ => ItemDecision::Keep,
                },
            })
            .collect();
        if dice.below(3) == 0 {
            let now = self.now.plus_seconds(31 * 24 * 60 * 60);
            return Administration { now, ..at_setup(doing) }.advance_reviews().await;
        }
        doing.decide_review(review.id, &decisions).await?;
        doing.sign_off_review(review.id, None).await.map(|_| ())
    }

    /// What staff alone may do is refused.
    async fn act_as_staff(
        &self,
        dice: &mut Dice,
        doing: &Administration<'_>,
        user: UserId,
    ) -> Done {
        let account = self.account(user).await;
        let application = self.store.find_application("CASPER").await?;
        let refused = match (dice.below(3), account.third_party, application) {
            (1, Some(third_party), Some(casper)) => doing.onboard(third_party.id, &casper).await,
            (2, ..) => {
                let name = LevelName::parse("Annex").unwrap();
                doing.create_level(account.level.id, &name).await.map(|_| ())
            }
            _ => doing.grant_staff_role(user, StaffRole::IdentityAdmin).await,
        };
        assert!(refused.is_err(), "only staff may do this");
        refused
    }
}

async fn ask(doing: &Administration<'_>, user: UserId, group: &Group) -> Done {
    let new = NewAccessRequest { user, group: group.id, reason: reason(), wished_until: None };
    doing.request_access(&new).await.map(|_| ())
}

fn reason() -> Reason {
    Reason::parse("for the quarterly report").unwrap()
}

/// The same by the program itself.
fn at_setup<'a>(doing: &Administration<'a>) -> Administration<'a> {
    let (store, now) = (doing.store, doing.now);
    Administration { store, actor: &Actor::Setup, now, origin: Origin::default() }
}

fn new_digest() -> [u8; 32] {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    digest
}

/// The account as it is, to be changed in one thing.
fn details_of(account: &Account) -> NewUser {
    let user = &account.user;
    let new = TestIdp::new_user("nobody@bank.example", account.level.id);
    let email = Email::parse(&user.email).unwrap_or_else(|_| new.email.clone());
    NewUser { email, phone: user.phone.clone(), expires_on: user.expires_on, ..new }
}

/// Modifies an account; the digest of the link that would prove a new address.
async fn modify(
    doing: &Administration<'_>,
    account: &Account,
    details: NewUser,
) -> Result<[u8; 32], AdministrationError> {
    let link = new_digest();
    let save = UserSave { version: account.user.version, details, link };
    doing.modify_user(account.user.id, &save).await?;
    Ok(link)
}
