//! Tells people of a new version of the terms of use, once for each version and person (O16).

use std::{sync::Arc, time::Duration};

use portal_core::{audit::Origin, permission::Actor, terms::Document};

use crate::{
    App,
    administration::{Administration, AdministrationError},
    web::error::source_chain,
};

/// How often it is looked for people who do not know of a version. A new one comes with a start of the program.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// Runs for as long as the program. A failure is logged, and tried again next time.
pub async fn run(app: Arc<App>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        look.tick().await;
        match tell_of_new_versions(&app).await {
            Ok(count) => tracing::debug!(count, "people told of new terms of use"),
            Err(error) => {
                tracing::warn!(reason = source_chain(&error), "new terms of use are not told");
            }
        }
    }
}

/// Tells everybody who acknowledged an earlier version, a batch at a time. Returns how many.
///
/// # Errors
/// [`AdministrationError`]; who was told before it is told.
pub async fn tell_of_new_versions(app: &App) -> Result<usize, AdministrationError> {
    let mut count = 0;
    if !app.terms.asks() {
        return Ok(count);
    }
    let administration = Administration {
        store: &app.store,
        actor: &Actor::Setup,
        now: app.now(),
        origin: Origin::default(),
    };
    for document in Document::ALL {
        let version = app.terms.version(document);
        loop {
            let people = app.store.list_people_untold(document, version).await?;
            if people.is_empty() {
                break;
            }
            count += administration.tell_of_terms((document, version), &people).await?;
        }
    }
    Ok(count)
}
