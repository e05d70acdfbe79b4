//! A signed-in person with a role in this environment.

use axum::extract::FromRequestParts;
use http::{StatusCode, request::Parts};
use relying_party::{Problem, Rejection, Requirement, SignedIn};

use crate::{Account, AppState, Roles, admission};

/// Who gives or takes assignments has shown password and code within this hour: a browser that was
/// left open for the day gives nothing away.
const RECENT_SIGN_IN: Requirement = Requirement::max_age(60 * 60);

/// The person, the account, and the roles of this very request. Fresh claims pass
/// the admission rule before they reach a session, so a person without a role does not get here;
/// if one did, it would be refused.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) signed_in: SignedIn,
    pub(crate) account: Account,
}

impl Member {
    /// Looks the account of `signed_in` up.
    pub(crate) async fn load(state: &AppState, signed_in: SignedIn) -> Result<Self, Rejection> {
        let claims = admission::read_claims(state.environment, &signed_in);
        if !claims.roles.any() {
            return Err(state.refused());
        }
        let account = state.database.get_current(&claims, state.clock.now()).await;
        Ok(Self { signed_in, account: account.map_err(|error| state.failed(&error))? })
    }

    /// Goes on only for a member who signed in lately; else the person confirms and comes back.
    pub(crate) fn require_recent_sign_in(&self, state: &AppState) -> Result<(), Rejection> {
        state.rp.require(&self.signed_in, &RECENT_SIGN_IN)
    }

    /// The roles that the claims give now.
    pub(crate) fn roles(&self) -> Roles {
        self.account.roles()
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        Self::load(state, signed_in).await
    }
}

impl AppState {
    /// The page for a person without a role here.
    pub(crate) fn refused(&self) -> Rejection {
        let app = self.environment.app_name();
        self.rp.problem(
            &Problem::new(StatusCode::FORBIDDEN, format!("You have no access to {app}"))
                .text(admission::refusal(self.environment))
                .advice(
                    "Ask the delegated access administrator (DAA) of your organisation. Once \
                     access is granted, sign in again.",
                )
                .link("/login", "Sign in again"),
        )
    }

    /// The page for a time in which the own database does not answer; the cause goes to the log.
    pub(crate) fn failed(&self, error: &(dyn std::error::Error + 'static)) -> Rejection {
        tracing::error!(error, "a page could not be made");
        self.rp.problem(
            &Problem::new(StatusCode::SERVICE_UNAVAILABLE, "This page is not available right now")
                .text("CASPER cannot reach its data. Nothing was changed.")
                .advice("Wait a minute and reload this page.")
                .link("/", "Home"),
        )
    }
}
