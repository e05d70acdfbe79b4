//! What befalls everybody of a third party at once: it is suspended, comes back, is closed, goes over into another one, or
//! loses an application. Each person has an entry in the trail and is told (I25; Deliver 13). Portions of five hundred
//! are read and written at a time, however many people there are.

use portal_core::{
    Timestamp,
    access::Application,
    account::UserStatus,
    audit::{AuditAction, AuditActor, AuditEvent, Origin},
    id::{ApplicationId, ThirdPartyId},
    notice::NoticeKind,
};
use serde_json::{Map, Value, json};
use storage::{Concern, Concerned, NewNotice, NoticeFacts, ThirdParty};

use super::{Change, Done};

/// People who are read and told at once.
const PORTION: usize = 500;

/// What befalls them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn<'a> {
    /// The third party loses an application.
    Offboarded(&'a Application),
    /// It is suspended.
    Suspended,
    /// It comes back.
    Reactivated,
    /// It is closed.
    Closed,
    /// It goes over into another one, which is not onboarded to these applications.
    Merged(&'a ThirdParty, &'a [ApplicationId]),
}

/// What the entries in the trail will say, one for each person. It is kept until the commit: names of groups and roles,
/// and no more.
pub(super) struct Turned {
    people: Vec<Concerned>,
    action: AuditAction,
    is_closed: bool,
    facts: Map<String, Value>,
}

impl Turn<'_> {
    const fn kind(&self) -> NoticeKind {
        match self {
            Self::Offboarded(_) => NoticeKind::ThirdPartyOffboarded,
            Self::Suspended => NoticeKind::ThirdPartySuspended,
            Self::Reactivated => NoticeKind::ThirdPartyReactivated,
            Self::Closed => NoticeKind::ThirdPartyClosed,
            Self::Merged(..) => NoticeKind::ThirdPartyMerged,
        }
    }

    const fn action(&self) -> AuditAction {
        match self {
            Self::Suspended => AuditAction::AccessBarred,
            Self::Reactivated => AuditAction::AccessRestored,
            Self::Offboarded(_) | Self::Closed | Self::Merged(..) => AuditAction::AccessEnded,
        }
    }

    const fn concern(&self, third_party: ThirdPartyId) -> Concern<'_> {
        let all = Concern {
            third_party,
            memberships: None,
            roles: None,
            everybody: true,
            counting: false,
        };
        match self {
            Self::Offboarded(application) => {
                let of_it = Some(std::slice::from_ref(&application.id));
                Concern { memberships: of_it, roles: of_it, everybody: false, ..all }
            }
            Self::Suspended | Self::Reactivated => Concern { counting: true, ..all },
            Self::Closed => all,
            Self::Merged(_, lost) => Concern { memberships: Some(lost), ..all },
        }
    }

    /// What the entry of each person says beside what is the person's own.
    fn facts(&self, of: &ThirdParty) -> Map<String, Value> {
        let mut facts = Map::from_iter([("third_party".to_owned(), json!(of.legal_name))]);
        match self {
            Self::Offboarded(application) => {
                facts.insert("application".to_owned(), json!(application.code));
            }
            Self::Merged(into, _) => {
                facts.insert("into".to_owned(), json!(into.legal_name));
            }
            Self::Suspended | Self::Reactivated | Self::Closed => {}
        }
        facts
    }
}

impl Change<'_> {
    /// Tells everybody who is concerned, and notes an entry for each; call it before anything of theirs is ended. The
    /// reason is for administrators.
    pub(super) async fn turn(&mut self, of: &ThirdParty, turn: Turn<'_>, reason: &str) -> Done<()> {
        let concern = turn.concern(of.id);
        let mut common = self.facts();
        common.insert("third_party".to_owned(), of.legal_name.clone());
        match turn {
            Turn::Offboarded(application) => {
                common.insert("application".to_owned(), application.title.clone());
            }
            Turn::Merged(into, _) => {
                common.insert("organisation".to_owned(), into.legal_name.clone());
            }
            Turn::Suspended | Turn::Reactivated | Turn::Closed => {}
        }
        let everybody = self.tx.list_concerned(&concern).await?;
        let mut people = Vec::with_capacity(everybody.len());
        for some in everybody.chunks(PORTION) {
            let mut some = self.tx.load_concerned(&concern, some).await?;
            // Whoever could not sign in before is told nothing: it is as it was for them.
            let notices: Vec<NewNotice> = some
                .iter_mut()
                .filter(|person| person.status == UserStatus::Active)
                .map(|person| notice(person, turn.kind(), common.clone(), reason))
                .collect();
            self.tx.insert_notices(&notices, self.now()).await?;
            people.append(&mut some);
        }
        let is_closed = matches!(turn, Turn::Closed);
        self.turned.push(Turned {
            people,
            action: turn.action(),
            is_closed,
            facts: turn.facts(of),
        });
        Ok(())
    }
}

impl Turned {
    /// The entries, one after the other.
    pub(super) fn into_events(
        self,
        at: Timestamp,
        actor: AuditActor,
        origin: Origin,
    ) -> impl Iterator<Item = AuditEvent> + Send {
        let Self { people, action, is_closed, facts } = self;
        people.into_iter().map(move |person| AuditEvent {
            at,
            actor,
            action,
            object: format!("user:{}", person.user),
            level_id: Some(person.level),
            detail: detail(person, action, is_closed, facts.clone()),
            origin: origin.clone(),
        })
    }
}

fn detail(
    person: Concerned,
    action: AuditAction,
    is_closed: bool,
    mut facts: Map<String, Value>,
) -> Value {
    for (name, held) in [("groups", person.groups), ("roles", person.roles)] {
        let nothing = Vec::new();
        if !held.is_empty() {
            let is_back = action == AuditAction::AccessRestored;
            let (before, after) = if is_back { (nothing, held) } else { (held, nothing) };
            facts.insert(name.to_owned(), json!({ "before": before, "after": after }));
        }
    }
    let before = person.status;
    let after = match before {
        UserStatus::Active if is_closed => UserStatus::Suspended,
        UserStatus::Nominated | UserStatus::Invited if is_closed => UserStatus::Deleted,
        before => before,
    };
    if before != after {
        let status = json!({ "before": before.as_str(), "after": after.as_str() });
        facts.insert("status".to_owned(), status);
    }
    Value::Object(facts)
}

/// What somebody is told; the address is needed for nothing else.
fn notice(
    person: &mut Concerned,
    kind: NoticeKind,
    mut facts: NoticeFacts,
    reason: &str,
) -> NewNotice {
    let held: Vec<&str> = person.groups.iter().chain(&person.roles).map(String::as_str).collect();
    let held = if held.is_empty() { "–".to_owned() } else { held.join(", ") };
    facts.insert("groups".to_owned(), held);
    if !person.roles.is_empty() {
        facts.insert("reason".to_owned(), reason.to_owned());
    }
    let mail_to = Some(std::mem::take(&mut person.email));
    NewNotice { user: person.user, kind, facts, mail_to }
}
