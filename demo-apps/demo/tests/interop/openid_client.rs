//! openid-client (npm), certified as a relying party.

use serde_json::json;

use crate::world::{
    OPENID_CLIENT, World, client, client_with_key, free_address, unregistered, with,
};

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

#[test]
fn rfc8707_2_openid_client_asks_for_claims_contexts_and_resources() {
    let resources = json!({ "resources": ["https://api.example/v1", "https://reports.example/"] });
    let world = World::start(vec![with(client("ES256", "client_secret_basic"), resources)]);
    world.perform(OPENID_CLIENT, "preciseRequest");
}

#[test]
fn rfc9126_4_openid_client_pushes_its_request() {
    let clients = [client("ES256", "client_secret_basic"), client("RS256", "none")];
    let pushed = json!({ "require_pushed_authorization_requests": true });
    let world = World::start(clients.map(|client| with(client, pushed.clone())).into());
    world.perform(OPENID_CLIENT, "formPost");
}

#[test]
fn rfc7523_2_2_openid_client_proves_itself_by_a_key() {
    let pushed = json!({ "require_pushed_authorization_requests": true });
    let keys = ["ES256", "PS256"].map(|alg| with(client_with_key(alg), pushed.clone()));
    World::start(keys.into()).perform(OPENID_CLIENT, "wholeLife");
}

#[test]
fn rfc7009_2_1_openid_client_tells_live_tokens_from_revoked_ones() {
    let world = World::start(vec![client("ES256", "client_secret_basic")]);
    world.perform(OPENID_CLIENT, "endOfTokens");
}

#[test]
fn rfc7591_3_openid_client_registers_itself() {
    let world = World::open_to_registration(unregistered("client_secret_basic"));
    world.perform(OPENID_CLIENT, "registration");
}

#[test]
fn openid_client_hears_of_the_end_of_a_session() {
    let told = json!({ "backchannel_logout_uri": free_address("/backchannel-logout") });
    let world = World::start(vec![with(client("RS256", "client_secret_basic"), told)]);
    world.perform(OPENID_CLIENT, "backchannelLogout");
}
