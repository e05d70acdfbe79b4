//! Time of the demo: that of the machine, or one that tests move forward, so that nobody waits for a code to expire.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use axum_extra::extract::Query;
use idp::clock::{Clock, SystemClock};
use portal_core::Timestamp;
use serde::Deserialize;

/// The time of the machine, plus what it was moved forward by: one clock for the portal and the relying parties.
#[derive(Clone, Debug, Default)]
pub(crate) struct DemoClock {
    seconds_ahead: Arc<AtomicI64>,
}

impl DemoClock {
    /// `POST /demo/clock/advance?seconds=N`: served only with `--movable-clock`.
    pub(crate) fn router(&self) -> Router {
        Router::new().route("/demo/clock/advance", post(advance)).with_state(self.clone())
    }

    /// The same clock for the library of the relying parties.
    pub(crate) fn for_relying_party(&self) -> relying_party::Clock {
        let clock = self.clone();
        relying_party::Clock::from_fn(move || clock.now().millis())
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.seconds_ahead.load(Ordering::SeqCst))
    }
}

#[derive(Deserialize)]
struct Step {
    seconds: u32,
}

async fn advance(State(clock): State<DemoClock>, Query(step): Query<Step>) -> StatusCode {
    let seconds = i64::from(step.seconds);
    clock.seconds_ahead.fetch_add(seconds, Ordering::SeqCst);
    StatusCode::NO_CONTENT
}
