//! The form of a nomination, as a browser sends it.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use portal_core::id::NominationId;

use crate::{
    harness::{Page, TestIdp, Visitor},
    nominations::{Dunav, PDF},
};

/// Who signs for DUNAV.
pub(crate) const SIGNATORY: &str = "milena.hristova@dunav.example";

/// The form of a nomination as it is filled in.
#[derive(Clone)]
pub(crate) struct Filled {
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) file: Option<(&'static str, &'static str, Vec<u8>)>,
}

/// The address of the link of a mail.
pub(crate) fn link_in(mail: &str) -> String {
    let (_, rest) = mail.split_once("http://localhost:8080").expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

impl Filled {
    /// One who is to administer users, and one who is to administer access to CASPER.
    pub(crate) fn whole() -> Self {
        let fields = [
            ("name", "Milena Hristova"),
            ("function", "Member of the board"),
            ("application.CASPER", "on"),
            ("person.0.first_name", "Radka"),
            ("person.0.last_name", "Stoykova"),
            ("person.0.email", "radka@dunav.example"),
            ("person.0.phone", "+447700900041"),
            ("person.0.dua", "on"),
            ("person.1.first_name", "Yana"),
            ("person.1.last_name", "Dimova"),
            ("person.1.email", "yana@dunav.example"),
            ("person.1.phone", "+447700900042"),
            ("person.1.daa.CASPER", "on"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let file = Some(("mandate.pdf", "application/pdf", PDF.to_vec()));
        Self { fields: fields.to_vec(), file }
    }

    /// With another value of a field.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn with_file(
        mut self,
        name: &'static str,
        kind: &'static str,
        content: &[u8],
    ) -> Self {
        self.file = Some((name, kind, content.to_vec()));
        self
    }

    /// Posts it from the page that has it.
    pub(crate) async fn post(self, who: &mut Visitor, at: &str, action: &str) -> Page {
        let page = who.get(at).await.expect(StatusCode::OK);
        self.post_seen(who, (at, &page), action).await
    }

    /// Posts it from the signatory's page.
    pub(crate) async fn save(self, who: &mut Visitor, action: &str) -> Page {
        self.post(who, "/nominate", action).await
    }

    /// Posts it as a page was seen.
    pub(crate) async fn post_seen(
        self,
        who: &mut Visitor,
        (at, page): (&str, &Page),
        action: &str,
    ) -> Page {
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(b"--sea\r\ncontent-disposition: form-data; name=\"");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        for name in ["csrf_token", "nomination", "seen"] {
            if let Some(value) = page.field(name) {
                part(format!("{name}\""), value.as_bytes());
            }
        }
        for (name, value) in &self.fields {
            part(format!("{name}\""), value.as_bytes());
        }
        if let Some((name, kind, content)) = &self.file {
            part(format!("evidence\"; filename=\"{name}\"\r\ncontent-type: {kind}"), content);
        }
        part("action\"".to_owned(), action.as_bytes());
        body.extend_from_slice(b"--sea--\r\n");
        let kind = ("content-type", "multipart/form-data; boundary=sea");
        // In pieces, as a browser sends it.
        let pieces: Vec<_> = body
            .chunks(1 << 16)
            .map(|piece| Ok::<_, std::convert::Infallible>(piece.to_vec()))
            .collect();
        let pieces = futures_util::stream::iter(pieces);
        let body = Body::from_stream(pieces);
        who.send(Method::POST, at, &[kind], body).await
    }

    /// A signatory who was invited, with the link's address.
    pub(crate) async fn invite(idp: &TestIdp, dunav: &Dunav) -> (NominationId, String) {
        let mut staff = idp.signed_in("filer@operator.example").await;
        let at = format!("/third-parties/{}/nominations/invite", dunav.id);
        let token = staff.get(&at).await.field("csrf_token").unwrap();
        let fields = [
            ("csrf_token", token.as_str()),
            ("name", "Milena Hristova"),
            ("email", SIGNATORY),
            ("locale", "en"),
        ];
        let done = staff.post(&at, &fields).await.expect(StatusCode::SEE_OTHER);
        let (at, _) = done.location().split_once('?').unwrap();
        let id = at.rsplit('/').next().unwrap().parse().unwrap();
        (id, link_in(&idp.inbox.text_to(SIGNATORY)))
    }
}
