//! Who hears of what: the administrators of a level, and the operator's staff where nobody is delegated (O3, O4).

use portal_core::{
    id::{ApplicationId, UserId},
    notice::NoticeKind,
    organisation::LevelPath,
    permission::StaffRole,
};
use storage::NoticeFacts;

use super::{Change, Done};

/// Administrators of a level, by what they administer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Of whatever role.
    Administrators,
    /// Those of users.
    UserAdministrators,
    /// Those of access to an application.
    AccessAdministrators(ApplicationId),
}

impl Change<'_> {
    /// Who administers at a level: whoever holds such a role there or above, but `except`; nobody left, the identity
    /// administrators of the operator. That is so where the operator administers (O3), and where a third party has lost
    /// its administrators (O4).
    pub(super) async fn in_charge(
        &self,
        level: &LevelPath,
        audience: Audience,
        except: &[UserId],
    ) -> Done<Vec<UserId>> {
        let mut found = match audience {
            Audience::Administrators => self.tx.list_administrators_of(level, self.now()).await?,
            Audience::UserAdministrators => {
                self.tx.list_user_administrators_of(level, self.now()).await?
            }
            Audience::AccessAdministrators(application) => {
                self.tx.list_application_administrators(level, application, self.now()).await?
            }
        };
        // Somebody has to give access. Of the rest, an only administrator who makes the change knows.
        if matches!(audience, Audience::AccessAdministrators(_)) {
            found.retain(|user| !except.contains(user));
        }
        if found.is_empty() {
            found = self.tx.list_staff(StaffRole::IdentityAdmin, self.now()).await?;
        }
        found.retain(|user| !except.contains(user));
        Ok(found)
    }

    /// Tells whoever is in charge of a level, but `except` and whoever makes the change.
    pub(super) async fn tell_in_charge(
        &mut self,
        (level, audience): (&LevelPath, Audience),
        except: UserId,
        (kind, facts): (NoticeKind, &NoticeFacts),
    ) -> Done<()> {
        let except: Vec<UserId> = self.actor_id().into_iter().chain([except]).collect();
        let told = self.in_charge(level, audience, &except).await?;
        self.tell_all(&told, kind, facts).await
    }

    /// Tells all administrators of a level, of whatever role, but `except` and whoever makes the change; and the
    /// identity administrators of the operator, wherever there are others as well.
    pub(super) async fn tell_administrators_and_staff(
        &mut self,
        level: &LevelPath,
        except: UserId,
        (kind, facts): (NoticeKind, &NoticeFacts),
    ) -> Done<()> {
        let mut told = self.tx.list_administrators_of(level, self.now()).await?;
        told.retain(|user| *user != except && Some(*user) != self.actor_id());
        self.tell_all(&told, kind, facts).await?;
        self.tell_staff(kind, facts).await
    }

    /// Tells the identity administrators of the operator, but whoever makes the change.
    pub(super) async fn tell_staff(&mut self, kind: NoticeKind, facts: &NoticeFacts) -> Done<()> {
        let mut told = self.tx.list_staff(StaffRole::IdentityAdmin, self.now()).await?;
        told.retain(|user| Some(*user) != self.actor_id());
        self.tell_all(&told, kind, facts).await
    }
}
