//! The pages on which a file is checked and applied (domain.md 4.3): what users and memberships have in common.
//!
//! The file goes back to the browser with its preview and comes again with "apply"; the ticket binds the two. Nothing
//! of a file that is not applied stays here.

use askama::Template;
use axum::{
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{
    App,
    administration::{ImportedFile, Refusal, Rule},
    entropy, secrets,
    texts::Texts,
    web::{
        asking::Asking,
        chrome::{self, Chrome},
        csv::{
            self,
            read::{BYTES_AT_MOST, Column, ROWS_AT_MOST, Row, TableError},
        },
        error::PageError,
        form::OwnForm,
        upload::Upload,
    },
};

/// Largest body of these pages: a file as it comes back with its preview, and a little more.
pub(crate) const BODY_LIMIT: usize = BYTES_AT_MOST * 2;

/// What is imported.
pub(crate) struct Kind {
    /// Beginning of the keys of its words.
    pub(crate) words: &'static str,
    /// Address of the page.
    pub(crate) path: &'static str,
    /// Name of the empty file to begin with.
    pub(crate) template: &'static str,
    /// The columns of the file.
    pub(crate) columns: &'static [ColumnWords],
    /// The columns of the preview, by the keys of their words.
    pub(crate) heads: &'static [&'static str],
}

/// A column with its words.
pub(crate) struct ColumnWords {
    /// The column.
    pub(crate) column: Column,
    /// Key of what it is called.
    pub(crate) label: &'static str,
    /// Key of what it takes.
    pub(crate) hint: &'static str,
}

/// The request of such a page.
pub(crate) struct Asked {
    /// What is imported.
    pub(crate) kind: &'static Kind,
    /// Who asks.
    pub(crate) asking: Asking,
}

/// A file as it came.
pub(crate) struct File {
    bytes: Vec<u8>,
    ticket: String,
}

/// Something that is wrong with a row.
pub(crate) struct Problem {
    /// The row, by its number in the file.
    pub(crate) row: usize,
    /// What its column is called.
    pub(crate) column: String,
    /// What stands there.
    pub(crate) value: String,
    /// What is wrong.
    pub(crate) text: String,
}

/// A row of the preview.
pub(crate) struct Shown {
    /// Its number in the file.
    pub(crate) row: usize,
    /// What the columns of the preview say.
    pub(crate) cells: Vec<String>,
}

/// What a check found.
#[derive(Default)]
pub(crate) struct Found {
    /// What keeps the file from being applied.
    pub(crate) problems: Vec<Problem>,
    /// What it would do.
    pub(crate) rows: Vec<Shown>,
    /// In a sentence.
    pub(crate) summary: String,
    /// What the button says.
    pub(crate) button: String,
}

#[derive(Template)]
#[template(path = "imports/page.html")]
struct ImportPage<'a> {
    t: &'a Texts,
    chrome: Chrome,
    kind: &'static Kind,
    title: String,
    lead: String,
    limits: String,
    file_error: Option<String>,
    is_stale: bool,
    /// Whether a file can be chosen: at first, and until one is good.
    asks_file: bool,
    found: Option<Found>,
    content: String,
    ticket: String,
}

impl File {
    fn of_upload(app: &App, bytes: Vec<u8>) -> Self {
        Self { bytes, ticket: entropy::secret(app.entropy.as_ref(), "im_") }
    }

    /// A file that came back with its ticket.
    pub(crate) fn of_form(form: &OwnForm) -> Result<Self, PageError> {
        form.only(&["content", "ticket"], &[])?;
        let bytes = URL_SAFE_NO_PAD.decode(form.get("content"));
        let bytes = bytes.map_err(|_| PageError::BadRequest)?;
        Ok(Self { bytes, ticket: form.get("ticket").to_owned() })
    }

    /// The same file, to be looked at again.
    pub(crate) fn afresh(self, app: &App) -> Self {
        Self::of_upload(app, self.bytes)
    }

    /// What a preview is bound to.
    pub(crate) fn imported(&self) -> ImportedFile {
        ImportedFile {
            digest: Sha256::digest(&self.bytes).into(),
            ticket: secrets::digest(&self.ticket),
        }
    }

    /// Its rows.
    pub(crate) fn rows(&self, kind: &Kind) -> Result<Vec<Row>, TableError> {
        let columns: Vec<Column> = kind.columns.iter().map(|words| words.column).collect();
        csv::read::table(&self.bytes, &columns)
    }
}

impl Asked {
    /// A file that is looked at for the first time. One that is too large to be read is longer than any.
    pub(crate) async fn receive(&self, upload: Upload) -> Result<File, PageError> {
        let is_own = |token: &str| self.asking.is_own_token(token);
        let (_, file) = upload.read(is_own, ("file", BYTES_AT_MOST)).await?;
        let bytes = match file {
            Some(file) if file.is_too_large => vec![b'\n'; BYTES_AT_MOST + 1],
            Some(file) => file.content,
            None => Vec::new(),
        };
        Ok(File::of_upload(&self.asking.app, bytes))
    }

    /// The page before a file is chosen.
    pub(crate) fn empty(&self) -> Result<Response, PageError> {
        chrome::page(&self.page(None))
    }

    /// The page with a file that is no such table.
    pub(crate) fn refuse(&self, error: &TableError) -> Result<Response, PageError> {
        let page = ImportPage { file_error: Some(self.words_of(error)), ..self.page(None) };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, chrome::page(&page)?).into_response())
    }

    /// The page with a file that administration does not look at.
    pub(crate) fn refuse_by(&self, rule: Rule) -> Result<Response, PageError> {
        let file_error = Some(self.asking.text(rule.key()));
        let page = ImportPage { file_error, ..self.page(None) };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, chrome::page(&page)?).into_response())
    }

    /// The page with what a check found. A file that can be applied takes its ticket along.
    pub(crate) fn answer(
        &self,
        file: &File,
        found: Found,
        is_stale: bool,
    ) -> Result<Response, PageError> {
        let is_good = found.problems.is_empty();
        let status = match (is_good, is_stale) {
            (_, true) => StatusCode::CONFLICT,
            (true, false) => StatusCode::OK,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut page = ImportPage { is_stale, ..self.page(Some(found)) };
        if is_good {
            page.content = URL_SAFE_NO_PAD.encode(&file.bytes);
            page.ticket.clone_from(&file.ticket);
        }
        Ok((status, chrome::page(&page)?).into_response())
    }

    /// What is wrong with a row, at its column.
    pub(crate) fn problem(&self, row: &Row, column: &str, text: String) -> Problem {
        let words = self.kind.columns.iter().find(|words| words.column.name == column);
        Problem {
            row: row.number,
            column: words.map_or_else(String::new, |words| self.label(words)),
            value: row.get(column).to_owned(),
            text,
        }
    }

    /// What administration refuses of a row, at its column.
    pub(crate) fn refusal(&self, rows: &[Row], number: usize, refusal: Refusal) -> Option<Problem> {
        let row = rows.iter().find(|row| row.number == number)?;
        let (column, key) = match refusal {
            Refusal::AddressTaken => ("email", "users-error-email-taken"),
            Refusal::Level => ("level", "import-error-level"),
            Refusal::Subsidiary => ("subsidiary", "users-error-subsidiary"),
            Refusal::OtherOrganisation if self.kind.words == "import-users" => {
                ("level", "import-error-organisation")
            }
            Refusal::OtherOrganisation => ("email", "import-error-organisation"),
            Refusal::Person => ("email", "memberships-copy-unknown"),
            Refusal::Group => ("group", "import-error-group"),
            Refusal::NotOnboarded => ("group", "import-error-onboarded"),
            Refusal::SelfAssignment => ("email", "rule-self-assignment"),
        };
        Some(self.problem(row, column, self.asking.text(key)))
    }

    fn page(&self, found: Option<Found>) -> ImportPage<'_> {
        let texts = self.asking.texts();
        let (rows, size) = (ROWS_AT_MOST.to_string(), (BYTES_AT_MOST / 1024).to_string());
        ImportPage {
            t: texts,
            chrome: self.asking.chrome("nav-users"),
            kind: self.kind,
            title: texts.msg(&format!("{}-title", self.kind.words)),
            lead: texts.msg(&format!("{}-lead", self.kind.words)),
            limits: texts.msg_with("import-limits", [("rows", rows.as_str()), ("size", &size)]),
            file_error: None,
            is_stale: false,
            asks_file: found.as_ref().is_none_or(|found| !found.problems.is_empty()),
            found,
            content: String::new(),
            ticket: String::new(),
        }
    }

    fn label(&self, words: &ColumnWords) -> String {
        self.asking.text(words.label)
    }

    fn words_of(&self, error: &TableError) -> String {
        let texts = self.asking.texts();
        match error {
            TableError::Empty => texts.msg("import-file-empty"),
            TableError::TooLong | TableError::TooManyRows => texts.msg("import-file-too-long"),
            TableError::NotUtf8 => texts.msg("import-file-not-utf8"),
            TableError::UnknownColumn(name) => {
                texts.msg1("import-file-unknown-column", "column", name)
            }
            TableError::ColumnTwice(name) => texts.msg1("import-file-column-twice", "column", name),
            TableError::NoColumn(name) => texts.msg1("import-file-no-column", "column", name),
            TableError::Uneven(row) => texts.msg1("import-file-uneven", "row", &row.to_string()),
        }
    }
}

impl Kind {
    /// The empty file to begin with.
    pub(crate) fn download(&self) -> Response {
        let head = csv::head(self.columns.iter().map(|words| words.column.name));
        csv::attachment(self.template, csv::TEXT_CSV, Body::from(head))
    }
}

/// A column that every file has.
pub(crate) const fn needed(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
) -> ColumnWords {
    ColumnWords { column: Column { name, is_needed: true }, label, hint }
}

/// A column that a file may have.
pub(crate) const fn optional(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
) -> ColumnWords {
    ColumnWords { column: Column { name, is_needed: false }, label, hint }
}
