//! The entries of a filter as a file.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::Response,
};
use futures_util::stream;
use portal_core::{
    audit::AuditActor,
    permission::{Action, Sight, sight},
};

use super::{
    filter::Wanted,
    list::{self, Listing},
};
use crate::{
    App,
    audit::{
        AuditError, Notary,
        export::{Export, ExportFormat, ExportRequest},
    },
    web::{
        browser::Browser,
        csv,
        error::{PageError, source_chain},
        form::OwnForm,
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// Most entries that a file may go over, with those that it hides. For more there is the command line.
const LIMIT: i64 = 100_000;

/// `POST /audit/export`: it is written down who took what.
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    browser: Browser,
    context: RequestContext,
    who: SignedIn,
    form: OwnForm,
) -> Result<Response, PageError> {
    let seen = sight(&who.actor, Action::ExportAudit, app.now());
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let wanted = Wanted::of_form(&form)?;
    let listing = Listing { app: &app, browser: &browser, context: &context, who: &who };
    let format = ExportFormat::parse(form.get("format"));
    let (Some(format), false) = (format, wanted.errors(&context.texts).any()) else {
        return listing.page(wanted, Some("audit-export-odd")).await;
    };
    let request = request(&listing, &wanted, (seen, format)).await?;
    match Export::begin(&Notary::of(&app), request).await {
        Ok(export) => Ok(file(export, format)),
        Err(AuditError::TooWide) => listing.page(wanted, Some("audit-export-wide")).await,
        Err(AuditError::Storage(error)) => Err(error.into()),
        Err(error) => Err(PageError::internal(&source_chain(&error))),
    }
}

async fn request(
    listing: &Listing<'_>,
    wanted: &Wanted,
    (seen, format): (Sight, ExportFormat),
) -> Result<ExportRequest, PageError> {
    let Listing { app, context, who, .. } = *listing;
    Ok(ExportRequest {
        search: list::search(app, wanted, seen).await?,
        filter: wanted.told(),
        format,
        texts: context.texts.clone(),
        actor: AuditActor::User(who.account.user.id),
        level_id: Some(who.account.level.id),
        origin: context.origin(),
        limit: Some(LIMIT),
    })
}

/// Sent as it is read. What breaks on the way is cut off, and does not prove itself.
fn file(export: Export, format: ExportFormat) -> Response {
    let parts = stream::try_unfold(export, async |mut export| {
        let part = export.next().await?;
        Ok::<_, storage::StorageError>(part.map(|text| (Bytes::from(text), export)))
    });
    let (name, kind) = match format {
        ExportFormat::Json => ("audit.jsonl", "application/x-ndjson"),
        ExportFormat::Csv => ("audit.csv", csv::TEXT_CSV),
    };
    csv::attachment(name, kind, Body::from_stream(parts))
}
