//! Posted forms with a file. The file is not read before the token of the form was: nobody else makes the portal read
//! much. Of a file that is too large nothing is kept, but it is read, so that the browser hears the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{
        FromRef, FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};

use crate::{
    App,
    web::{
        error::PageError,
        form::{OwnForm, check_origin},
    },
};

/// Largest body of a form with a file, in bytes. Well above the largest file, so that somebody whose file is too large
/// is told so at the field.
pub(super) const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Such a request may take as long as a slow line needs for its file.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// Largest sum of all fields but the file, in bytes.
const FIELDS_LIMIT: usize = 64 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 400;

/// A form of one of our own pages, of which nothing is read yet.
pub struct Upload(Multipart);

/// A file that came with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedFile {
    /// Its name, for showing.
    pub name: String,
    /// What it holds; nothing when it is too large.
    pub content: Vec<u8>,
    /// Whether it is larger than was asked for.
    pub is_too_large: bool,
}

impl<S> FromRequest<S> for Upload
where
    S: Send + Sync,
    Arc<App>: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let app = <Arc<App>>::from_ref(state);
        check_origin(request.headers(), app.issuer.as_str())?;
        let multipart = Multipart::from_request(request, state).await;
        multipart.map(Self).map_err(|_| PageError::BadRequest)
    }
}

impl Upload {
    /// Reads the fields, and the file of the field `named`, of at most `largest` bytes. `is_own` tells whether a token
    /// is that of this browser and session (security.md 54); it comes first.
    ///
    /// # Errors
    /// [`PageError::StaleForm`], [`PageError::BadRequest`], [`PageError::TooLarge`].
    pub async fn read(
        mut self,
        is_own: impl Fn(&str) -> bool,
        (named, largest): (&str, usize),
    ) -> Result<(OwnForm, Option<UploadedFile>), PageError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut left = FIELDS_LIMIT;
        let mut file = None;
        while let Some(field) = self.0.next_field().await.map_err(|error| refusal(&error))? {
            let name = field.name().ok_or(PageError::BadRequest)?.to_owned();
            let is_known = fields.iter().any(|(known, _)| *known == name);
            if is_known || fields.len() >= MOST_FIELDS || (file.is_some() && name == named) {
                return Err(PageError::BadRequest);
            }
            if fields.is_empty() {
                let token = read_text(field, &mut left).await?;
                if name != "csrf_token" || !is_own(&token) {
                    return Err(PageError::StaleForm);
                }
                fields.push((name, token));
            } else if name == named {
                let (uploaded, is_whole) = read_file(field, largest).await?;
                file = Some(uploaded);
                if !is_whole {
                    break;
                }
            } else {
                let text = read_text(field, &mut left).await?;
                fields.push((name, text));
            }
        }
        if fields.is_empty() {
            return Err(PageError::StaleForm);
        }
        let file = file.filter(|file| !file.name.is_empty() || !file.content.is_empty());
        Ok((OwnForm::of(fields), file))
    }
}

async fn read_text(mut field: Field<'_>, left: &mut usize) -> Result<String, PageError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = next_chunk(&mut field).await? {
        *left = left.checked_sub(chunk.len()).ok_or(PageError::TooLarge)?;
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| PageError::BadRequest)?;
    if text.contains('\0') { Err(PageError::BadRequest) } else { Ok(text) }
}

/// The file, and whether the body goes on behind it: one that breaks every limit ends the reading.
async fn read_file(
    mut field: Field<'_>,
    largest: usize,
) -> Result<(UploadedFile, bool), PageError> {
    let name = shown_name(field.file_name().unwrap_or_default());
    let mut file = UploadedFile { name, content: Vec::new(), is_too_large: false };
    loop {
        match next_chunk(&mut field).await {
            Ok(None) => return Ok((file, true)),
            Ok(Some(chunk))
                if file.content.len() + chunk.len() <= largest && !file.is_too_large =>
            {
                file.content.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                file.is_too_large = true;
                file.content = Vec::new();
            }
            Err(PageError::TooLarge) => {
                file.is_too_large = true;
                file.content = Vec::new();
                return Ok((file, false));
            }
            Err(error) => return Err(error),
        }
    }
}

async fn next_chunk(field: &mut Field<'_>) -> Result<Option<Bytes>, PageError> {
    field.chunk().await.map_err(|error| refusal(&error))
}

fn refusal(error: &MultipartError) -> PageError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge,
        _ => PageError::BadRequest,
    }
}

/// The last part of what a browser calls a file, without control characters, at most 200 characters.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_its_folder_and_is_never_long() {
        assert_eq!(shown_name("C:\\fakepath\\Mandate 2026.pdf"), "Mandate 2026.pdf");
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(shown_name("a\u{1b}[31m\n.pdf"), "a[31m.pdf");
        assert_eq!(shown_name(&"x".repeat(300)).len(), 200);
    }
}
