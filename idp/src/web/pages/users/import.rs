//! Users from a file (domain.md 4.3): checked row by row as the form is, shown, and then created all or none.

mod places;

use std::collections::HashMap;

use axum::response::{IntoResponse as _, Redirect, Response};
use portal_core::{
    account::NewUser,
    permission::{Action, Sight},
};

use super::form::{UserErrors, UserForm};
use crate::{
    administration::{AdministrationError, Applied, ImportedUser, UserImport},
    invitation::{self, FreshLink},
    web::{
        asking::Asking,
        csv::read::Row,
        error::PageError,
        form::OwnForm,
        imports::{Asked, File, Found, Kind, Problem, Shown, needed, optional},
        upload::Upload,
    },
};
use places::Places;

/// What is imported here: the fields of the form.
const KIND: Kind = Kind {
    words: "import-users",
    path: "/users/import",
    template: "users.csv",
    columns: &[
        needed("first_name", "users-first-name", "import-hint-name"),
        needed("last_name", "users-last-name", "import-hint-name"),
        needed("email", "users-email", "users-email-hint"),
        needed("phone_number", "users-phone-number", "users-phone-hint"),
        optional("account_expiration_date", "import-expiration-date", "import-hint-date"),
        optional("company_id", "users-company-id", "users-company-hint"),
        optional("level", "users-level", "import-hint-level"),
        optional("subsidiary", "users-subsidiary", "import-hint-subsidiary"),
    ],
    heads: &[
        "users-first-name",
        "users-last-name",
        "users-email",
        "users-phone-number",
        "users-level",
        "import-expiration-date",
    ],
};

/// `GET /users/import`.
pub(super) async fn show(asking: Asking) -> Result<Response, PageError> {
    Importing::begin(asking)?.asked.empty()
}

/// `GET /users/import/template`.
pub(super) async fn template(asking: Asking) -> Result<Response, PageError> {
    creating_at(&asking)?;
    Ok(KIND.download())
}

/// `POST /users/import`: what the file would do.
pub(super) async fn check(
    asking: Asking,
    upload: Result<Upload, PageError>,
) -> Result<Response, PageError> {
    let importing = Importing::begin(asking)?;
    let file = importing.asked.receive(upload?).await?;
    importing.preview(&file, false).await
}

/// `POST /users/import/apply`: exactly what was shown.
pub(super) async fn apply(
    asking: Asking,
    form: Result<OwnForm, PageError>,
) -> Result<Response, PageError> {
    let importing = Importing::begin(asking)?;
    let (asking, file) = (&importing.asked.asking, File::of_form(&form?)?);
    let rows = match file.rows(&KIND) {
        Ok(rows) => rows,
        Err(error) => return importing.asked.refuse(&error),
    };
    let read = importing.read(&rows).await?;
    if !read.problems.is_empty() {
        return importing.preview(&file.afresh(&asking.app), true).await;
    }
    let links: Vec<FreshLink> = read.new.iter().map(|_| FreshLink::draw(&asking.app)).collect();
    let users = imported(&read, &links);
    let locale = asking.texts().lang();
    let import = UserImport { rows: &users, locale: &locale };
    let administration = asking.administration();
    match administration.import_users(import, &file.imported()).await {
        Ok(Applied::Now(count)) => {
            let to = users.iter().map(|user| user.new.email.as_str().to_owned());
            let unsent = invitation::send_all(&asking.app, to.zip(links).collect(), locale).await;
            let done = if unsent == 0 { "imported" } else { "imported-unsent" };
            Ok(Redirect::to(&format!("/users?done={done}&count={count}")).into_response())
        }
        Ok(Applied::Before(count)) => {
            Ok(Redirect::to(&format!("/users?done=imported&count={count}")).into_response())
        }
        Err(AdministrationError::Stale) => importing.preview(&file.afresh(&asking.app), true).await,
        Err(error) => Err(error.into()),
    }
}

/// Where somebody creates users.
fn creating_at(asking: &Asking) -> Result<Sight, PageError> {
    let sight = asking.sight(Action::CreateUser);
    if sight.is_empty() { Err(PageError::Forbidden) } else { Ok(sight) }
}

/// What the requests begin with.
struct Importing {
    asked: Asked,
    sight: Sight,
}

/// The rows of a file as users, and what is wrong with the others.
#[derive(Default)]
struct Read {
    new: Vec<(usize, NewUser)>,
    problems: Vec<Problem>,
}

impl Importing {
    fn begin(asking: Asking) -> Result<Self, PageError> {
        let sight = creating_at(&asking)?;
        Ok(Self { asked: Asked { kind: &KIND, asking }, sight })
    }

    async fn preview(&self, file: &File, is_stale: bool) -> Result<Response, PageError> {
        let asked = &self.asked;
        let rows = match file.rows(&KIND) {
            Ok(rows) => rows,
            Err(error) => return asked.refuse(&error),
        };
        let mut read = self.read(&rows).await?;
        if !read.new.is_empty() {
            let links: Vec<FreshLink> =
                read.new.iter().map(|_| FreshLink::draw(&asked.asking.app)).collect();
            let users = imported(&read, &links);
            let locale = asked.asking.texts().lang();
            let import = UserImport { rows: &users, locale: &locale };
            let administration = asked.asking.administration();
            let preview = match administration.preview_users(import, &file.imported()).await {
                Ok(preview) => preview,
                Err(AdministrationError::Rule(rule)) => return asked.refuse_by(rule),
                Err(error) => return Err(error.into()),
            };
            let refused = preview.refusals.iter();
            let refused = refused.filter_map(|one| asked.refusal(&rows, one.row, one.refusal));
            read.problems.extend(refused);
        }
        read.problems.sort_by_key(|problem| problem.row);
        let texts = asked.asking.texts();
        let count = read.new.len().to_string();
        let shown = rows.iter().map(|row| Shown {
            row: row.number,
            cells: [
                "first_name",
                "last_name",
                "email",
                "phone_number",
                "level",
                "account_expiration_date",
            ]
            .map(|column| self.shown(row, column))
            .to_vec(),
        });
        let found = Found {
            rows: shown.collect(),
            summary: texts.msg1("import-users-summary", "count", &count),
            button: texts.msg1("import-users-apply", "count", &count),
            problems: read.problems,
        };
        asked.answer(file, found, is_stale)
    }

    fn shown(&self, row: &Row, column: &str) -> String {
        match row.get(column) {
            "" if column == "level" => self.asked.asking.who.account.level.name.clone(),
            cell => cell.to_owned(),
        }
    }

    /// Reads the rows as the form is read, with what is wrong in its words.
    async fn read(&self, rows: &[Row]) -> Result<Read, PageError> {
        let (asked, texts) = (&self.asked, self.asked.asking.texts());
        let places = Places::load(&asked.asking, &self.sight, rows).await?;
        let (mut read, mut seen) = (Read::default(), HashMap::new());
        for row in rows {
            let level = places.level(row);
            let subsidiary =
                level.as_ref().map_or(Ok(String::new()), |l| places.subsidiary(l, row));
            let form = form(row, level.clone().unwrap_or_default(), subsidiary.clone());
            let parsed = form.parse(asked.asking.app.now(), None, texts);
            let mut errors = parsed.as_ref().err().map(|errors| (**errors).clone());
            if let Err(key) = level {
                errors.get_or_insert_default().level = Some(texts.msg(key));
            }
            if let Err(key) = subsidiary {
                errors.get_or_insert_default().subsidiary = Some(texts.msg(key));
            }
            let email = portal_core::email::EmailKey::of(row.get("email"));
            if let Some(other) = seen.insert(email.as_str().to_owned(), row.number)
                && !row.get("email").is_empty()
            {
                let text = texts.msg1("import-error-twice", "row", &other.to_string());
                errors.get_or_insert_default().email = Some(text);
            }
            match (errors, parsed) {
                (None, Ok(new)) => read.new.push((row.number, new)),
                (errors, _) => {
                    read.problems.extend(self.problems(row, errors.unwrap_or_default()));
                }
            }
        }
        Ok(read)
    }

    fn problems(&self, row: &Row, errors: UserErrors) -> Vec<Problem> {
        let at = [
            ("first_name", errors.first_name),
            ("last_name", errors.last_name),
            ("email", errors.email),
            ("phone_number", errors.phone_number),
            ("company_id", errors.company_id),
            ("account_expiration_date", errors.account_expiration_date),
            ("level", errors.level),
            ("subsidiary", errors.subsidiary),
        ];
        at.into_iter()
            .filter_map(|(column, text)| Some(self.asked.problem(row, column, text?)))
            .collect()
    }
}

/// A row as what stands in the form. Level and subsidiary are known by their ids there.
fn form(row: &Row, level: String, subsidiary: Result<String, &str>) -> UserForm {
    let cell = |name: &str| row.get(name).to_owned();
    UserForm {
        first_name: cell("first_name"),
        last_name: cell("last_name"),
        email: cell("email"),
        phone_number: cell("phone_number"),
        company_id: cell("company_id"),
        account_expiration_date: cell("account_expiration_date"),
        level,
        subsidiary: subsidiary.unwrap_or_default(),
    }
}

fn imported(read: &Read, links: &[FreshLink]) -> Vec<ImportedUser> {
    let rows = read.new.iter().zip(links);
    rows.map(|((row, new), link)| ImportedUser { row: *row, new: new.clone(), link: link.digest })
        .collect()
}
