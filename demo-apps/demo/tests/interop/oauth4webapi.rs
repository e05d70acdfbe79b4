//! oauth4webapi (npm), in which every request and every answer is a call of its own.

use crate::world::{OAUTH4WEBAPI, World, client};

#[test]
fn oauth4webapi_signs_in_refreshes_and_signs_out_with_each_algorithm() {
    let world = World::start(vec![
        client("ES256", "client_secret_basic"),
        client("RS256", "client_secret_post"),
        client("EdDSA", "client_secret_basic"),
    ]);
    world.perform(OAUTH4WEBAPI, "wholeLife");
}

#[test]
fn oauth4webapi_reads_every_refusal() {
    let world = World::start(vec![client("ES256", "client_secret_basic")]);
    world.perform(OAUTH4WEBAPI, "refusals");
}

#[test]
fn oauth4webapi_reads_an_answer_that_the_browser_posts() {
    let world = World::start(vec![client("RS256", "client_secret_basic"), client("ES256", "none")]);
    world.perform(OAUTH4WEBAPI, "formPost");
}
