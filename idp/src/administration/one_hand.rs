//! Access that one person alone gives: kept for the report, and told to the other administrators (O8, E54).

use portal_core::{
    expiry::ExpirationDate,
    id::{ApplicationId, GroupId},
    notice::NoticeKind,
    one_hand::{FourEyes, OneHand},
    organisation::LevelPath,
};
use storage::{Account, NewOneHand, NoticeFacts};

use super::{Change, Done, audience::Audience};

/// Most people of one hand's making whom a notice names.
const NAMED: usize = 10;

/// A group that is given.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// Which.
    pub(super) group: GroupId,
    /// Its name.
    pub(super) name: &'a str,
    /// What it opens.
    pub(super) application: ApplicationId,
    /// The last day, if there is one.
    pub(super) until: Option<ExpirationDate>,
}

/// What was given in a change to an account that the giver had created.
pub(super) struct OwnMaking {
    level: LevelPath,
    person: String,
    groups: Vec<String>,
}

impl Change<'_> {
    /// Where the person's third party asks for four eyes.
    pub(super) async fn four_eyes(&self, account: &Account) -> Done<FourEyes> {
        Ok(match &account.third_party {
            Some(third_party) => self.tx.four_eyes(third_party.id).await?,
            None => FourEyes::default(),
        })
    }

    /// Whether the actor alone would give access to a person, and how.
    pub(super) async fn one_hand(&self, account: &Account) -> Done<Option<OneHand>> {
        let people = (account.user.id, account.user.created_by);
        let actor = self.actor_id();
        // Whoever is a stranger to the account needs no look at the third party.
        let is_stranger = actor != Some(people.0) && actor != people.1;
        let four_eyes =
            if is_stranger { FourEyes::default() } else { self.four_eyes(account).await? };
        Ok(OneHand::of(actor, people, four_eyes))
    }

    /// Keeps what the actor alone gave to a person. Of what was given to an account of the own making, the other
    /// administrators are told with the commit; of what was given to oneself, by the caller, who knows the words.
    pub(super) async fn keep_one_hand(
        &mut self,
        account: &Account,
        kind: OneHand,
        given: &[Given<'_>],
    ) -> Done<()> {
        let Some(given_by) = self.actor_id().filter(|_| !given.is_empty()) else {
            return Ok(());
        };
        let rows: Vec<NewOneHand> = given
            .iter()
            .map(|one| NewOneHand {
                user: account.user.id,
                group: one.group,
                application: one.application,
                level: account.level.id,
                given_by,
                kind,
                valid_until: one.until,
            })
            .collect();
        self.tx.insert_one_hand(&rows, self.now()).await?;
        if kind == OneHand::ToOwnMaking {
            self.own_making.push(OwnMaking {
                level: account.level.path.clone(),
                person: account.user.display_name(),
                groups: given.iter().map(|one| one.name.to_owned()).collect(),
            });
        }
        Ok(())
    }

    /// Tells the other administrators what was given in this change to accounts of the actor's making: one notice a
    /// level, however many people a file names.
    pub(super) async fn tell_of_own_making(&mut self) -> Done<()> {
        let Some(by) = self.actor_id() else {
            return Ok(());
        };
        let mut all = std::mem::take(&mut self.own_making);
        all.sort_by(|one, other| one.level.cmp(&other.level));
        for of_level in all.chunk_by(|one, other| one.level == other.level) {
            let Some(first) = of_level.first() else {
                continue;
            };
            let facts = facts(self.facts(), of_level);
            let whom = (&first.level, Audience::Administrators);
            self.tell_in_charge(whom, by, (NoticeKind::OwnMakingAssigned, &facts)).await?;
        }
        Ok(())
    }
}

fn facts(common: NoticeFacts, of_level: &[OwnMaking]) -> NoticeFacts {
    let mut people: Vec<&str> =
        of_level.iter().take(NAMED).map(|one| one.person.as_str()).collect();
    if of_level.len() > NAMED {
        people.push("…");
    }
    let mut groups: Vec<&str> =
        of_level.iter().flat_map(|one| &one.groups).map(String::as_str).collect();
    groups.sort_unstable();
    groups.dedup();
    let told = [("person", people.join(", ")), ("groups", groups.join(", "))];
    let told = told.map(|(name, value)| (name.to_owned(), value));
    common.into_iter().chain(told).collect()
}
