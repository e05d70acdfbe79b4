//! The list of users as a file, as it is filtered and sorted (E45): all its pages, written as they are read.

use axum::{body::Body, http::Uri, response::Response};
use futures_util::stream;
use portal_core::{
    Timestamp,
    expiry::ExpirationDate,
    permission::{self, Action, Actor, Sight},
};
use serde_json::json;
use storage::{StorageError, Store, UserOrder, UserPosition, UserRow, UserSearch};

use super::{filter, status};
use crate::{
    administration::object_of,
    texts::Texts,
    web::{asking::Asking, csv, error::PageError},
};

/// Users that are read at once.
const BATCH: u64 = 500;

/// The heads of the columns.
const HEADS: [&str; 10] = [
    "users-first-name",
    "users-last-name",
    "users-email",
    "users-phone-number",
    "users-export-company-id",
    "users-level",
    "users-subsidiary",
    "users-export-status",
    "import-expiration-date",
    "users-last-login",
];

/// `GET /users/export`: it is written down who took what.
pub(super) async fn download(asking: Asking, uri: Uri) -> Result<Response, PageError> {
    let seen = asking.sight(Action::ExportUsers);
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let mut wanted = filter::read(&uri)?;
    let choice = wanted.levels(&asking.app, &seen, asking.texts()).await?;
    if wanted.phone_is_odd() || choice.error.is_some() {
        return Err(PageError::BadRequest);
    }
    let level = wanted.find_level(&asking.app, &seen).await?;
    let detail = json!({ "list": "users", "filter": wanted.fields_in_use() });
    asking.administration().export_users(level.as_ref(), detail).await?;
    let within = level.map_or(seen, |level| Sight::Levels(vec![level.path]));
    let file = File {
        search: wanted.search(within)?,
        order: wanted.order(),
        store: asking.app.store.clone(),
        actor: asking.who.actor.clone(),
        now: asking.app.now(),
        texts: asking.texts().clone(),
    };
    let lines = stream::unfold((Some(Start::Head), file), |(start, mut file)| async move {
        let (text, next) = match file.part(start?).await {
            Ok((text, next)) => (Ok(text), next),
            Err(error) => (Err(error), None),
        };
        Some((text, (next, file)))
    });
    Ok(csv::attachment("users.csv", csv::TEXT_CSV, Body::from_stream(lines)))
}

/// Where a part of the file begins.
enum Start {
    Head,
    At(UserPosition),
}

struct File {
    search: UserSearch,
    order: UserOrder,
    store: Store,
    actor: Actor,
    now: Timestamp,
    texts: Texts,
}

impl File {
    async fn part(&mut self, start: Start) -> Result<(String, Option<Start>), StorageError> {
        let position = match start {
            Start::Head => {
                let heads = HEADS.map(|key| self.texts.msg(key));
                let head = csv::head(heads.iter().map(String::as_str));
                return Ok((head, Some(Start::At(UserPosition::Start))));
            }
            Start::At(position) => position,
        };
        let mut found = self.store.list_users(&self.search, self.order, &position, BATCH).await?;
        if found.is_none() {
            // Too many to sort by number: in the usual order, as the page shows them.
            self.order = UserOrder::default();
            found = self.store.list_users(&self.search, self.order, &position, BATCH).await?;
        }
        let found = found.unwrap_or_default();
        let lines: String = found.rows.iter().map(|row| self.line(row)).collect();
        let next = found
            .rows
            .last()
            .filter(|_| found.has_more)
            .map(|last| Start::At(UserPosition::After(last.key.clone(), last.account.user.id)));
        Ok((lines, next))
    }

    fn line(&self, row: &UserRow) -> String {
        let (account, user) = (&row.account, &row.account.user);
        let object = object_of(account);
        // Whoever may not open the page of a person takes no number along.
        let is_seen =
            permission::decide(&self.actor, Action::ViewUser, &object, self.now).is_allowed();
        let phone = if is_seen { user.phone.as_e164() } else { "" };
        let marks = (&row.failures, row.is_dormant);
        let status: Vec<String> = status::badges(account, marks, self.now, &self.texts)
            .into_iter()
            .map(|badge| badge.text)
            .collect();
        let subsidiary = account.subsidiary.as_ref().map(|one| one.short_name.as_str());
        let expires_on = user.expires_on.map(ExpirationDate::to_iso).unwrap_or_default();
        let last_login = user.last_login_at.map(|at| self.texts.instant(at)).unwrap_or_default();
        csv::line([
            user.first_name.as_str(),
            &user.last_name,
            &user.email,
            phone,
            user.company_id.as_deref().unwrap_or_default(),
            &account.level.name,
            subsidiary.unwrap_or_default(),
            &status.join(", "),
            &expires_on,
            &last_login,
        ])
    }
}
