//! The entries of a filter as a file.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::stream;
use portal_core::{
    audit::AuditActor,
    permission::{Action, Sight},
};

use super::{filter::Wanted, list};
use crate::{
    audit::{
        AuditError, Notary,
        export::{Export, ExportFormat, ExportLimit, ExportRequest},
    },
    web::{
        asking::Asking,
        csv,
        error::{PageError, source_chain},
        form::OwnForm,
        level_choice::LevelChoice,
    },
};

/// How far a file may go: the trail of a day of the whole portal can be proved, whoever takes a part of it. For more
/// there is the command line.
const LIMIT: ExportLimit = ExportLimit { shown: 100_000, covered: 2_000_000 };

/// `POST /audit/export`: it is written down who took what.
pub(super) async fn submit(asking: Asking, form: OwnForm) -> Result<Response, PageError> {
    let seen = asking.sight(Action::ExportAudit);
    if seen.is_empty() {
        return Err(PageError::Forbidden);
    }
    let mut wanted = Wanted::of_form(&form)?;
    let chosen = (&mut wanted.level, wanted.level_name.as_str());
    let levels = LevelChoice::load(&asking.app, &seen, chosen, asking.texts()).await?;
    let format = ExportFormat::parse(form.get("format"));
    let is_odd = levels.error.is_some() || wanted.errors(asking.texts()).any();
    let (Some(format), false) = (format, is_odd) else {
        return list::page(&asking, wanted, Some("audit-export-odd")).await;
    };
    let request = request(&asking, &wanted, (seen, format)).await?;
    match Export::begin(&Notary::of(&asking.app), request).await {
        Ok(export) => Ok(file(export, format)),
        Err(AuditError::TooWide) => list::page(&asking, wanted, Some("audit-export-wide")).await,
        Err(AuditError::Storage(error)) => Err(error.into()),
        Err(error) => Err(PageError::internal(&source_chain(&error))),
    }
}

async fn request(
    asking: &Asking,
    wanted: &Wanted,
    (seen, format): (Sight, ExportFormat),
) -> Result<ExportRequest, PageError> {
    Ok(ExportRequest {
        search: list::search(&asking.app, wanted, seen).await?,
        filter: wanted.told(),
        format,
        texts: asking.texts().clone(),
        actor: AuditActor::User(asking.who.account.user.id),
        level_id: Some(asking.who.account.level.id),
        origin: asking.context.origin(),
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
