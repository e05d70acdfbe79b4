//! A user in the list, with the four icons (manual §3). An icon that cannot be used says who can (E18).

use portal_core::{administrators::RoleKind, organisation::LevelPath};
use storage::{LevelAdministrator, UserRow};

use super::{
    CameFrom, Rights,
    status::{self, StatusView},
};
use crate::web::asking::Asking;

/// One of the four icons.
pub(super) struct IconView {
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) label: String,
    /// Why it cannot be used.
    pub(super) refusal: Option<String>,
}

/// A user in the list.
pub(super) struct RowView {
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) level: String,
    pub(super) subsidiary: Option<String>,
    pub(super) badges: Vec<StatusView>,
    pub(super) icons: Vec<IconView>,
}

/// What all rows of a page share.
pub(super) struct Rows<'a> {
    asking: &'a Asking,
    /// The list as it is looked at, to lead back to.
    from: CameFrom,
    administrators: Vec<LevelAdministrator>,
}

impl<'a> Rows<'a> {
    /// The administrators of the levels of these rows are loaded once for all.
    pub(super) async fn load(
        asking: &'a Asking,
        rows: &[UserRow],
        from: CameFrom,
    ) -> Result<Self, storage::StorageError> {
        let mut levels: Vec<LevelPath> =
            rows.iter().map(|row| row.account.level.path.clone()).collect();
        levels.sort();
        levels.dedup();
        let administrators = asking.app.store.list_level_administrators(&levels).await?;
        Ok(Self { asking, from, administrators })
    }

    pub(super) fn view(&self, row: &UserRow) -> RowView {
        let (account, user) = (&row.account, &row.account.user);
        let marks = (&row.failures, row.is_dormant);
        RowView {
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            email: user.email.clone(),
            phone: user.phone.grouped(),
            level: account.level.name.clone(),
            subsidiary: account.subsidiary.as_ref().map(|s| s.short_name.clone()),
            badges: status::badges(account, marks, self.asking.app.now(), self.asking.texts()),
            icons: self.icons(row),
        }
    }

    fn icons(&self, row: &UserRow) -> Vec<IconView> {
        let (account, name) = (&row.account, row.account.user.display_name());
        let rights = Rights::over(self.asking, account);
        let path = format!("/users/{}", account.user.id);
        let gives_access = |kind: RoleKind| matches!(kind, RoleKind::AccessAdministrator(_));
        let keeps_users = |kind: RoleKind| kind == RoleKind::UserAdministrator;
        let level = &account.level.path;
        let refusal = |is_allowed: bool, key: &str, names: String| {
            (!is_allowed).then(|| self.asking.texts().msg1(key, "names", &names))
        };
        [
            ("view", "", None),
            (
                "memberships",
                "/memberships",
                refusal(
                    rights.assign,
                    "users-refused-memberships",
                    self.names(level, gives_access),
                ),
            ),
            (
                "edit",
                "/edit",
                refusal(rights.edit(), "users-refused-edit", self.names(level, keeps_users)),
            ),
            (
                "delete",
                "/delete",
                refusal(rights.delete, "users-refused-delete", self.names(level, keeps_users)),
            ),
        ]
        .into_iter()
        .map(|(icon, rest, refusal)| IconView {
            icon,
            href: self.from.with(&format!("{path}{rest}")),
            label: self.asking.texts().msg1(&format!("users-icon-{icon}"), "name", &name),
            refusal,
        })
        .collect()
    }

    /// The administrators whose roles reach a level, by name.
    fn names(&self, level: &LevelPath, fits: impl Fn(RoleKind) -> bool) -> String {
        let reach = |one: &&LevelAdministrator| one.level.contains(level) && fits(one.kind);
        let mut names: Vec<&str> =
            self.administrators.iter().filter(reach).map(|one| one.name.as_str()).collect();
        names.dedup();
        if names.is_empty() {
            return self.asking.text("users-refused-nobody");
        }
        names.truncate(5);
        names.join(", ")
    }
}
