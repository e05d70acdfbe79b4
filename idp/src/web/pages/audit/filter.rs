//! What the trail was asked for. It all stands in the address, and is bound into the cursors of its pages.

use axum::http::Uri;
use portal_core::{
    Timestamp,
    audit::{AuditAction, AuditActor},
    email::EmailKey,
    id::UserId,
    permission::Sight,
};
use serde::Deserialize;
use serde_json::{Value, json};
use storage::{AuditPosition, AuditSearch};

use crate::{
    App,
    audit::day::Day,
    texts::Texts,
    web::{asking::Asking, cursor::CursorScope, error::PageError, form::OwnForm, query},
};

/// Longest text that is searched for.
const LONGEST: usize = 254;

/// The filter, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    /// First day.
    #[serde(default)]
    pub(super) from: String,
    /// Last day.
    #[serde(default)]
    pub(super) to: String,
    /// Who did it: an address or an identifier.
    #[serde(default)]
    pub(super) who: String,
    /// What it happened to: a subject of actions.
    #[serde(default)]
    pub(super) what: String,
    /// On whom or what: an address or an identifier.
    #[serde(default)]
    pub(super) whom: String,
    #[serde(default)]
    pub(super) level: String,
    #[serde(default)]
    pub(super) level_name: String,
    #[serde(default)]
    page: String,
}

/// What is wrong with the filter, each at its field.
#[derive(Clone, Debug, Default)]
pub(super) struct FilterErrors {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl FilterErrors {
    pub(super) fn any(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }
}

impl Wanted {
    /// From the address of the list. A query that cannot be read is refused.
    pub(super) fn of_address(uri: &Uri) -> Result<Self, PageError> {
        query::read::<Self>(uri)?.check()
    }

    /// From the form of the files.
    pub(super) fn of_form(form: &OwnForm) -> Result<Self, PageError> {
        let known = ["from", "to", "who", "what", "whom", "level", "level_name", "format"];
        form.only(&known, &[])?;
        let text = |name: &str| form.get(name).to_owned();
        Self {
            from: text("from"),
            to: text("to"),
            who: text("who"),
            what: text("what"),
            whom: text("whom"),
            level: text("level"),
            level_name: text("level_name"),
            page: String::new(),
        }
        .check()
    }

    /// Trims what was typed; what nobody types is refused.
    fn check(mut self) -> Result<Self, PageError> {
        for field in [
            &mut self.from,
            &mut self.to,
            &mut self.who,
            &mut self.what,
            &mut self.whom,
            &mut self.level_name,
        ] {
            if field.len() > LONGEST || field.chars().any(char::is_control) {
                return Err(PageError::BadRequest);
            }
            *field = field.trim().to_owned();
        }
        if !self.what.is_empty() && AuditAction::of(&self.what).is_empty() {
            return Err(PageError::BadRequest);
        }
        Ok(self)
    }

    pub(super) fn errors(&self, texts: &Texts) -> FilterErrors {
        let odd = |text: &str| !text.is_empty() && Day::parse(text).is_none();
        let mut errors = FilterErrors {
            from: odd(&self.from).then(|| texts.msg("audit-date-odd")),
            to: odd(&self.to).then(|| texts.msg("audit-date-odd")),
        };
        if let (Some(from), Some(to)) = (Day::parse(&self.from), Day::parse(&self.to))
            && to < from
        {
            errors.to = Some(texts.msg("audit-date-order"));
        }
        errors
    }

    pub(super) fn is_filtered(&self) -> bool {
        self.fields().iter().any(|(_, value)| !value.is_empty())
    }

    /// The search. Whom nobody knows has done nothing, and nothing was done to them.
    pub(super) async fn search(&self, app: &App, within: Sight) -> Result<AuditSearch, PageError> {
        let actions = if self.what.is_empty() { Vec::new() } else { AuditAction::of(&self.what) };
        Ok(AuditSearch {
            from: Day::parse(&self.from).map(Day::begin),
            until: Day::parse(&self.to).map(Day::end),
            actor: stored(app, &self.who).await?,
            actions,
            object: stored(app, &self.whom).await?,
            ..AuditSearch::within(within)
        })
    }

    /// What was asked for, for the head of a file.
    pub(super) fn told(&self) -> Value {
        let told = self.fields().into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(name, value)| (name.to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Names and values of the filter, for its address and for the form of the files.
    pub(super) fn fields(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("from", &self.from),
            ("to", &self.to),
            ("who", &self.who),
            ("what", &self.what),
            ("whom", &self.whom),
            ("level", &self.level),
            ("level_name", &self.level_name),
        ]
    }

    /// The place that the address names, if it was made for this person and filter.
    pub(super) fn position(&self, asking: &Asking) -> Option<AuditPosition> {
        let filter = self.bound_to();
        let (at, seq) = scope(asking, &filter).read::<(i64, i64)>(&asking.app, &self.page)?;
        Some((Timestamp::from_millis(at), seq))
    }

    /// The address of what is older than an entry.
    pub(super) fn address_after(&self, asking: &Asking, (at, seq): AuditPosition) -> String {
        let filter = self.bound_to();
        self.address(&scope(asking, &filter).write(&asking.app, &(at.millis(), seq)))
    }

    /// The address of the first page.
    pub(super) fn address(&self, page: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.fields().into_iter().chain([("page", page)]) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/audit".to_owned() } else { format!("/audit?{query}") }
    }

    fn bound_to(&self) -> String {
        let values: Vec<&str> = self.fields().into_iter().map(|(_, value)| value).collect();
        values.join("\n")
    }
}

fn scope<'a>(asking: &Asking, filter: &'a str) -> CursorScope<'a> {
    CursorScope { list: "audit", actor: asking.who.account.user.id, filter }
}

/// Somebody or something as it is stored, of an address or an identifier that was typed.
async fn stored(app: &App, typed: &str) -> Result<Option<String>, PageError> {
    if typed.is_empty() {
        return Ok(None);
    }
    if typed.contains('@') {
        let account = app.store.find_account_by_email(&EmailKey::of(typed)).await?;
        let id = account.map(|account| AuditActor::User(account.user.id).to_text());
        return Ok(Some(id.unwrap_or_else(|| "user:nobody".to_owned())));
    }
    let person = typed.parse::<UserId>().ok().map(|id| AuditActor::User(id).to_text());
    Ok(Some(person.unwrap_or_else(|| typed.to_owned())))
}
