//! The frame of every page: header, footer, what both need.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use portal_core::session::{Session, TimeLeft, WARNING_SECONDS};

use crate::{
    App,
    web::{
        browser::Browser,
        error::PageError,
        menu::{self, MenuEntry},
        request_id::RequestContext,
        visitor::SignedIn,
    },
};

/// Changes with each release, so that browsers fetch new styles.
const ASSET_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the frame shows.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// The signed-in person.
    pub signed_in: Option<SignedInChrome>,
    /// For every form on the page.
    pub csrf_token: String,
    /// Shown on error pages.
    pub request_id: String,
    /// Which entry of the navigation is current.
    pub current: &'static str,
    /// Part of the address of styles and scripts.
    pub asset_version: &'static str,
}

/// The person in the header.
#[derive(Clone, Debug)]
pub struct SignedInChrome {
    /// Full name.
    pub name: String,
    /// First letters.
    pub initials: String,
    /// What an administrator or a member of staff finds in the navigation.
    pub menu: Vec<MenuEntry>,
    /// How many notices are new, as it is shown.
    pub unread: String,
    /// How long the session lives, for the warning before its end (O18).
    pub left: TimeLeft,
    /// How many seconds before.
    pub warning: i64,
}

impl Chrome {
    /// For a page that anybody may see. The anti-forgery token fits the session, if there is one.
    pub fn public(
        app: &App,
        browser: &Browser,
        context: &RequestContext,
        session: Option<&Session>,
    ) -> Self {
        let sid = session.map(|session| session.sid.as_str());
        Self {
            signed_in: None,
            csrf_token: app.server_keys.csrf_token(&browser.digest, sid),
            request_id: context.id.clone(),
            current: "",
            asset_version: ASSET_VERSION,
        }
    }

    /// For a page of a signed-in person.
    pub fn personal(
        app: &App,
        browser: &Browser,
        context: &RequestContext,
        who: &SignedIn,
        current: &'static str,
    ) -> Self {
        let user = &who.account.user;
        let initials = [&user.first_name, &user.last_name]
            .iter()
            .filter_map(|name| name.chars().next())
            .collect();
        Self {
            signed_in: Some(SignedInChrome {
                name: user.display_name(),
                initials,
                menu: menu::entries_for(&who.actor, app.now()),
                unread: match who.unread {
                    0 => String::new(),
                    1..100 => who.unread.to_string(),
                    _ => "99+".to_owned(),
                },
                left: who.session.time_left(app.now()),
                warning: WARNING_SECONDS,
            }),
            current,
            ..Self::public(app, browser, context, Some(&who.session))
        }
    }

    /// For an error page: without a person, so that it can always be made.
    pub fn of_error(context: &RequestContext) -> Self {
        Self {
            signed_in: None,
            csrf_token: String::new(),
            request_id: context.id.clone(),
            current: "",
            asset_version: ASSET_VERSION,
        }
    }
}

/// Renders a page.
///
/// # Errors
/// [`PageError::Internal`] when the template fails, which would be a bug.
pub fn page(template: &impl Template) -> Result<Response, PageError> {
    let html = template.render().map_err(|error| PageError::internal(&error.to_string()))?;
    Ok(Html(html).into_response())
}
