//! oauth4webapi (npm), in which every request and every answer is a call of its own.

use serde_json::json;

use crate::world::{
    OAUTH4WEBAPI, World, client, client_with_key, free_address, unregistered, with,
};

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

#[test]
fn rfc8707_2_oauth4webapi_asks_for_claims_contexts_and_resources() {
    let resources = json!({ "resources": ["https://api.example/v1", "https://reports.example/"] });
    let world = World::start(vec![with(client("ES256", "client_secret_basic"), resources)]);
    world.perform(OAUTH4WEBAPI, "preciseRequest");
}

#[test]
fn rfc9126_4_oauth4webapi_pushes_its_request() {
    let clients = [client("ES256", "client_secret_basic"), client("RS256", "none")];
    let pushed = json!({ "require_pushed_authorization_requests": true });
    let world = World::start(clients.map(|client| with(client, pushed.clone())).into());
    world.perform(OAUTH4WEBAPI, "formPost");
}

#[test]
fn rfc7523_2_2_oauth4webapi_proves_itself_by_a_key() {
    let pushed = json!({ "require_pushed_authorization_requests": true });
    let keys = ["EdDSA", "RS256"].map(|alg| with(client_with_key(alg), pushed.clone()));
    World::start(keys.into()).perform(OAUTH4WEBAPI, "wholeLife");
}

#[test]
fn rfc7009_2_1_oauth4webapi_tells_live_tokens_from_revoked_ones() {
    let world = World::start(vec![client("ES256", "client_secret_basic")]);
    world.perform(OAUTH4WEBAPI, "endOfTokens");
}

#[test]
fn rfc7591_3_oauth4webapi_registers_itself() {
    let world = World::open_to_registration(unregistered("client_secret_post"));
    world.perform(OAUTH4WEBAPI, "registration");
}

#[test]
fn oauth4webapi_hears_of_the_end_of_a_session() {
    let told = json!({ "backchannel_logout_uri": free_address("/backchannel-logout") });
    let world = World::start(vec![with(client("ES256", "client_secret_basic"), told)]);
    world.perform(OAUTH4WEBAPI, "backchannelLogout");
}
