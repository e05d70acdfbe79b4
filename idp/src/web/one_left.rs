//! The reminder that one person alone is left in a role of administration (O4): wherever an organisation is
//! administered, to those who administer the whole of it, and to staff on its own page.

use portal_core::{
    administrators::RoleKind,
    id::ThirdPartyId,
    organisation::LevelPath,
    permission::{Action, ApplicationSight, Object},
};
use storage::LoneRole;

use crate::web::{asking::Asking, error::PageError};

/// What the reminder says.
pub(crate) struct OneLeft {
    /// In which roles one person alone is left.
    pub(crate) lines: Vec<String>,
    /// What is to be done.
    pub(crate) advice: String,
    /// Where that is done: addresses and texts.
    pub(crate) links: Vec<(String, String)>,
}

impl OneLeft {
    /// That of the person's own organisation, for pages of users and access; nothing for staff, who administer many.
    pub(crate) async fn of_own(asking: &Asking) -> Result<Option<Self>, PageError> {
        let Some(own) = &asking.who.account.third_party else {
            return Ok(None);
        };
        if asking.sight(Action::ViewThirdParty).is_empty() {
            return Ok(None);
        }
        let mut left = Self::of(asking, own.id).await?;
        if let Some(left) = &mut left {
            let address = format!("/third-parties/{}#administrators-heading", own.id);
            left.links.push((address, asking.text("one-left-administrators")));
        }
        Ok(left)
    }

    /// That of an organisation, for its own page. `None` where there are two of each, or none are needed; where nobody
    /// is left, nobody is the only one.
    pub(crate) async fn of(asking: &Asking, id: ThirdPartyId) -> Result<Option<Self>, PageError> {
        let store = &asking.app.store;
        let Some(top) = store.find_delegated_top(id).await? else {
            return Ok(None);
        };
        if !asking.is_allowed(Action::ViewThirdParty, &Object::Level(top.path.clone())) {
            return Ok(None);
        }
        let lone = store.list_lone_roles(id, &top.path, asking.app.now()).await?;
        if lone.is_empty() {
            return Ok(None);
        }
        let (links, key) = ways_out(asking, (id, &top.path), &lone);
        Ok(Some(Self { lines: lines(asking, &top.name, &lone), advice: asking.text(key), links }))
    }
}

fn lines(asking: &Asking, name: &str, lone: &[LoneRole]) -> Vec<String> {
    let texts = asking.texts();
    let of_users = lone.iter().any(|role| role.kind == RoleKind::UserAdministrator);
    let codes: Vec<&str> = lone
        .iter()
        .filter(|role| role.kind != RoleKind::UserAdministrator)
        .map(|role| role.code.as_str())
        .collect();
    let users = of_users.then(|| texts.msg1("one-left-users", "organisation", name));
    let key = match codes.as_slice() {
        [] => None,
        [_] => Some("one-left-access"),
        _ => Some("one-left-access-many"),
    };
    let access = key.map(|key| {
        let applications = codes.join(", ");
        texts.msg_with(key, [("organisation", name), ("applications", applications.as_str())])
    });
    users.into_iter().chain(access).collect()
}

/// Where another one can be named, and the key of the advice.
fn ways_out(
    asking: &Asking,
    (id, top): (ThirdPartyId, &LevelPath),
    lone: &[LoneRole],
) -> (Vec<(String, String)>, &'static str) {
    let mut links = Vec::new();
    if asking.is_allowed(Action::FileNomination, &Object::Level(top.clone())) {
        let address = format!("/third-parties/{id}/nominations/invite");
        links.push((address, asking.text("one-left-nominate")));
        return (links, "one-left-advice-nominate");
    }
    if lone.iter().any(|role| may_appoint(asking, top, role.kind)) {
        links.push(("/users".to_owned(), asking.text("one-left-appoint")));
        return (links, "one-left-advice-appoint");
    }
    (links, "one-left-advice-ask")
}

/// Whether the person may appoint another one for the whole organisation.
fn may_appoint(asking: &Asking, top: &LevelPath, kind: RoleKind) -> bool {
    match kind {
        RoleKind::UserAdministrator => asking.sight(Action::GrantUserAdministrator).includes(top),
        RoleKind::AccessAdministrator(id) => {
            match asking.application_sight(Action::GrantAccessAdministrator) {
                ApplicationSight::Everything => true,
                ApplicationSight::Of(pairs) => pairs
                    .iter()
                    .any(|(level, application)| level.contains(top) && *application == id),
            }
        }
    }
}
