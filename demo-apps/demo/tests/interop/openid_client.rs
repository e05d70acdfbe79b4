//! openid-client (npm), certified as a relying party.

use crate::world::{OPENID_CLIENT, World, client};

#[test]
fn openid_client_signs_in_refreshes_and_signs_out_with_each_algorithm() {
    let world = World::start(vec![
        client("RS256", "client_secret_basic"),
        client("ES256", "client_secret_post"),
        client("EdDSA", "client_secret_basic"),
    ]);
    world.perform(OPENID_CLIENT, "wholeLife");
}

#[test]
fn openid_client_reads_an_answer_that_the_browser_posts() {
    let world = World::start(vec![client("ES256", "client_secret_basic"), client("RS256", "none")]);
    world.perform(OPENID_CLIENT, "formPost");
}
