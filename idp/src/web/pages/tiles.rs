//! The tiles of My Apps, on its own page and on the profile (manual §2, I19).

use portal_core::access::{Application, Environment, PRE_PRODUCTION_PREFIX};
use url::Url;

use crate::web::{asking::Asking, error::PageError};

/// One tile.
pub(super) struct Tile {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) environment_is_production: bool,
    pub(super) icon: &'static str,
    pub(super) launch_url: String,
}

/// The tiles of a person. An application without a client that can be started from here has none.
pub(super) async fn load(Asking { app, who, .. }: &Asking) -> Result<Vec<Tile>, PageError> {
    let holdings = app.store.holdings(who.account.user.id, app.now()).await?;
    let applications = app.store.list_applications().await?;
    let clients = app.store.list_clients().await?;
    let opened = applications.into_iter().filter(|a| holdings.of(a.id).opens(&a.code));
    Ok(opened
        .filter_map(|application| {
            // An application may have several clients that can be started from here. One that the operator vouches
            // for gives the tile; none that registered itself ever takes its place.
            let start = clients
                .iter()
                .filter(|client| {
                    client.enabled && client.application.as_ref() == Some(&application.code)
                })
                .filter_map(|client| {
                    Some((!client.first_party, client.initiate_login_uri.as_deref()?))
                })
                .min_by_key(|(not_first_party, _)| *not_first_party)
                .map(|(_, start)| start)?;
            let launch_url = launch_address(start, app.issuer.as_str(), &who.account.user.email)?;
            Some(into_tile(application, launch_url))
        })
        .collect())
}

/// Third-party-initiated login (OpenID Connect Core §4): the application begins, with nothing but a hint.
fn launch_address(start: &str, issuer: &str, login_hint: &str) -> Option<String> {
    let mut url = Url::parse(start).ok()?;
    url.query_pairs_mut().append_pair("iss", issuer).append_pair("login_hint", login_hint);
    Some(url.into())
}

fn into_tile(application: Application, launch_url: String) -> Tile {
    Tile {
        icon: icon_of(&application.code),
        environment_is_production: application.environment == Environment::Production,
        code: application.code,
        title: application.title,
        subtitle: application.subtitle,
        launch_url,
    }
}

/// Known applications have a picture of their own.
fn icon_of(code: &str) -> &'static str {
    match code.strip_prefix(PRE_PRODUCTION_PREFIX).unwrap_or(code) {
        "CASPER" => "casper",
        "SSM-PORTAL" => "ssm-portal",
        "ASTRA" => "astra",
        _ => "application",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_begins_at_the_application_and_keeps_its_address() {
        let start = launch_address(
            "http://localhost:8081/login?a=b",
            "http://localhost:8080",
            "o'neill+x@bank.example",
        );
        assert_eq!(
            start.unwrap(),
            "http://localhost:8081/login?a=b&iss=http%3A%2F%2Flocalhost%3A8080&login_hint=o%27neill%2Bx%40bank.example"
        );
    }
}
