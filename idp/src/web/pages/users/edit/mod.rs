//! Editing a user (manual §3, §5): Personal Details, the Roles below them, and one Save for both. Whoever is no user
//! administrator sees the details read-only (E16), and a crafted request that carries some is refused (I12).

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use portal_core::{
    account::NewUser,
    permission::{self, Action},
    phone::PhoneNumber,
};
use storage::Account;

use self::differences::{DifferenceView, differences};
use super::{
    CameFrom, Rights,
    form::{FIELDS, UserErrors, UserForm},
    may_orphan, place,
};
use crate::{
    App,
    administration::{AdministrationError, RoleChange, UserSave, object_of},
    invitation::FreshLink,
    notify::Message,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        error::PageError,
        form::OwnForm,
        roles_section::RolesSection,
    },
};

mod differences;
mod roles;

#[derive(Template)]
#[template(path = "users/edit.html")]
struct EditPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    from: &'a CameFrom,
    id: String,
    name: String,
    version: i64,
    form: UserForm,
    errors: UserErrors,
    differences: Vec<DifferenceView>,
    role_differences: Vec<String>,
    is_stale: bool,
    may_modify: bool,
    may_save: bool,
    levels: Vec<(String, String)>,
    subsidiaries: Vec<(String, String)>,
    level_name: String,
    subsidiary_name: String,
    self_registered_text: String,
    section: Option<RolesSection>,
}

/// What both requests begin with.
struct Editing {
    asking: Asking,
    account: Account,
    rights: Rights,
    /// The list that it was opened from.
    from: CameFrom,
}

/// What a form carried: the details, the roles, or both.
struct Sent<'a> {
    form: &'a OwnForm,
    version: i64,
    typed: Option<UserForm>,
    roles: RoleChange,
}

/// The page as it is shown, if it is not the page of what is stored.
#[derive(Default)]
struct Answer {
    form: UserForm,
    errors: UserErrors,
    section: Option<RolesSection>,
    /// The account as it is now, when somebody else changed it meanwhile.
    stored: Option<Account>,
    role_differences: Vec<String>,
}

/// `GET /users/{id}/edit`.
pub(super) async fn show(
    asking: Asking,
    Path(id): Path<String>,
    from: CameFrom,
) -> Result<Response, PageError> {
    let editing = Editing::begin(asking, &id, from).await?;
    let section = RolesSection::load(&editing.asking, &editing.account).await?;
    let form = UserForm::of(&editing.account);
    editing.page(Answer { form, section, ..Answer::default() }).await
}

/// `POST /users/{id}/edit`: nothing happens before Save, and Save is all or nothing (manual §5, I27).
pub(super) async fn submit(
    asking: Asking,
    (Path(id), form): (Path<String>, OwnForm),
) -> Result<Response, PageError> {
    let editing = Editing::begin(asking, &id, CameFrom::of_form(&form)).await?;
    let sent = editing.read(&form).await?;
    // Nothing is asked of a page that is not up to date: the answer would be taken for one to what is stored (I27).
    if sent.version != editing.account.user.version {
        return editing.stale(&sent).await;
    }
    let texts = editing.asking.texts();
    let kept = editing.account.user.expires_on;
    let parsed =
        sent.typed.as_ref().map(|typed| typed.parse(editing.asking.app.now(), kept, texts));
    let details = match parsed.transpose() {
        Ok(details) => details,
        Err(errors) => return editing.refused(&sent, *errors, |_| {}).await,
    };
    let is_own = editing.account.user.id == editing.asking.who.account.user.id;
    if is_own && !sent.roles.revoke.is_empty() && form.find("give_up_own").is_none() {
        let ask = |section: &mut RolesSection| section.asks_about_own = true;
        return editing.refused(&sent, UserErrors::default(), ask).await;
    }
    let changes_roles = !sent.roles.grant.is_empty() || !sent.roles.revoke.is_empty();
    let is_sure = form.find("end_roles").is_some();
    // Another level and a change of roles are refused together.
    if !is_sure && !changes_roles && editing.ends_roles(details.as_ref()).await? {
        let ask = |section: &mut RolesSection| section.asks_about_move = true;
        return editing.refused(&sent, UserErrors::default(), ask).await;
    }
    editing.save(&sent, details).await
}

impl Editing {
    async fn begin(asking: Asking, id: &str, from: CameFrom) -> Result<Self, PageError> {
        let account = asking.account(id, Action::ViewUser).await?;
        let rights = Rights::over(&asking, &account);
        if !rights.edit() {
            return Err(PageError::Forbidden);
        }
        Ok(Self { asking, account, rights, from })
    }

    /// What was sent. Details from somebody who sees them read-only are refused (I12).
    async fn read<'a>(&self, form: &'a OwnForm) -> Result<Sent<'a>, PageError> {
        form.only(&[&["version", "from"], &FIELDS[..], &roles::FIELDS].concat(), &roles::BOXES)?;
        let typed = UserForm::carried_by(form);
        if typed.is_some() && !self.rights.modify {
            return Err(PageError::Forbidden);
        }
        let version = form.get("version").parse().map_err(|_| PageError::BadRequest)?;
        let roles = roles::read(&self.asking.app, form, version).await?;
        Ok(Sent { form, version, typed, roles })
    }

    /// Whether the person holds roles that another level ends (E25).
    async fn ends_roles(&self, details: Option<&NewUser>) -> Result<bool, PageError> {
        let moves = details.is_some_and(|details| details.level_id != self.account.level.id);
        let store = &self.asking.app.store;
        Ok(moves && !store.list_delegated_roles(self.account.user.id).await?.is_empty())
    }

    async fn save(&self, sent: &Sent<'_>, details: Option<NewUser>) -> Result<Response, PageError> {
        let (app, user) = (&self.asking.app, &self.account.user);
        let link = FreshLink::draw(app);
        let save =
            details.map(|details| UserSave { version: sent.version, details, link: link.digest });
        let administration = self.asking.administration();
        let modified = match administration.save_user(user.id, save.as_ref(), &sent.roles).await {
            Ok(modified) => modified,
            Err(AdministrationError::Stale) => return self.stale(sent).await,
            Err(error) => return self.ruled_out(sent, error).await,
        };
        if let Some(number) = &modified.was_number {
            tell_old_number(app, number, &user.locale).await;
        }
        let done = match &modified.send {
            None if modified.is_dormant => "saved-dormant",
            None => "saved",
            Some((to, purpose)) => {
                let is_sent = link.send(app, to, *purpose, &user.locale).await;
                match (is_sent, modified.is_dormant) {
                    (true, true) => "saved-link-dormant",
                    (true, false) => "saved-link",
                    (false, _) => "saved-unsent",
                }
            }
        };
        self.saved(done).await
    }

    /// To the person as it is now; whoever gave up the last own role has none of these pages any more (E15).
    async fn saved(&self, done: &str) -> Result<Response, PageError> {
        let app = &self.asking.app;
        let account = app.store.find_account(self.account.user.id).await?;
        let object = object_of(&account.ok_or(PageError::NotFound)?);
        let actor = app.store.actor(&self.asking.who.account).await?;
        let stays = permission::decide(&actor, Action::ViewUser, &object, app.now()).is_allowed();
        let next = if stays {
            self.from.with(&format!("/users/{}?done={done}", self.account.user.id))
        } else {
            "/apps".to_owned()
        };
        Ok(Redirect::to(&next).into_response())
    }

    /// The form again, with what was sent.
    async fn refused(
        &self,
        sent: &Sent<'_>,
        errors: UserErrors,
        mark: impl FnOnce(&mut RolesSection),
    ) -> Result<Response, PageError> {
        let mut section = RolesSection::load(&self.asking, &self.account).await?;
        if let Some(section) = &mut section {
            roles::tick_as_sent(section, &sent.roles);
            section.asks_about_move = sent.form.find("end_roles").is_some();
            mark(section);
        }
        let form = sent.typed.clone().unwrap_or_else(|| UserForm::of(&self.account));
        let page = self.page(Answer { form, errors, section, ..Answer::default() }).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    /// What administration refused, at the box or the field that it concerns.
    async fn ruled_out(
        &self,
        sent: &Sent<'_>,
        error: AdministrationError,
    ) -> Result<Response, PageError> {
        if let AdministrationError::Rule(rule) = &error
            && roles::concerned(*rule, &sent.roles).next().is_some()
        {
            let may_orphan = may_orphan(&self.asking, &self.account);
            let text = self.asking.text(rule.key());
            let mark = |section: &mut RolesSection| {
                roles::show_rule(section, (*rule, &text), (&sent.roles, may_orphan));
            };
            return self.refused(sent, UserErrors::default(), mark).await;
        }
        let errors = UserErrors::of_refusal(error, self.asking.texts())?;
        self.refused(sent, errors, |_| {}).await
    }

    /// Somebody else saved meanwhile: the form keeps what was typed and ticked, and says what is stored now (E22).
    async fn stale(&self, sent: &Sent<'_>) -> Result<Response, PageError> {
        let account = self.asking.app.store.find_account(self.account.user.id).await?;
        let account = account.ok_or(PageError::NotFound)?;
        let mut section = RolesSection::load(&self.asking, &account).await?;
        let mut role_differences = Vec::new();
        if let Some(section) = &mut section {
            role_differences = roles::differences(self.asking.texts(), section, sent.form);
            roles::tick_as_sent(section, &sent.roles);
        }
        let form = sent.typed.clone().unwrap_or_else(|| UserForm::of(&account));
        let stored = Some(account);
        let answer = Answer { form, section, stored, role_differences, ..Answer::default() };
        Ok((StatusCode::CONFLICT, self.page(answer).await?).into_response())
    }

    async fn page(&self, answer: Answer) -> Result<Response, PageError> {
        let (asking, user) = (&self.asking, &self.account.user);
        let (app, texts, sight) = (&asking.app, asking.texts(), asking.sight(Action::ViewUser));
        let levels = place::options(app, &sight, &self.account.level).await?;
        let subsidiaries = place::subsidiaries(app, &levels).await?;
        let levels: Vec<_> = levels.iter().map(place::option).collect();
        let differences = answer.stored.as_ref().map_or_else(Vec::new, |stored| {
            differences(&answer.form, &UserForm::of(stored), (&levels, &subsidiaries), texts)
        });
        let subsidiary = self.account.subsidiary.as_ref().map(|s| s.short_name.clone());
        let registered = if user.self_registered { "users-yes" } else { "users-no" };
        let is_changeable = answer.section.as_ref().is_some_and(RolesSection::is_changeable);
        chrome::page(&EditPage {
            t: texts,
            chrome: asking.chrome("nav-users"),
            from: &self.from,
            id: user.id.to_string(),
            name: user.display_name(),
            version: answer.stored.as_ref().map_or(user.version, |stored| stored.user.version),
            form: answer.form,
            errors: answer.errors,
            differences,
            role_differences: answer.role_differences,
            is_stale: answer.stored.is_some(),
            may_modify: self.rights.modify,
            may_save: self.rights.modify || is_changeable,
            levels,
            subsidiaries,
            level_name: self.account.level.name.clone(),
            subsidiary_name: subsidiary.unwrap_or_default(),
            self_registered_text: texts.msg(registered),
            section: answer.section,
        })
    }
}

/// Whoever has the number that was replaced hears of it, whether or not that is the person (I28). The change is made;
/// a gateway that does not take it changes nothing.
async fn tell_old_number(app: &App, number: &PhoneNumber, locale: &str) {
    let text = Texts::for_locale(locale).msg("sms-number-replaced");
    if let Err(error) = app.gateway.send(Message::Text { to: number.clone(), text }).await {
        tracing::warn!(%error, "the old number was not told");
    }
}
