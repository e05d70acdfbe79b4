//! Authlib (PyPI).

use serde_json::json;

use crate::world::{AUTHLIB, World, client, client_with_key, with};

#[test]
fn authlib_signs_in_refreshes_and_signs_out_with_each_algorithm() {
    let world = World::start(vec![
        client("RS256", "client_secret_basic"),
        client("ES256", "client_secret_post"),
        client("EdDSA", "client_secret_basic"),
    ]);
    world.perform(AUTHLIB, "whole_life");
}

#[test]
fn authlib_reads_every_refusal() {
    let world = World::start(vec![client("ES256", "client_secret_basic")]);
    world.perform(AUTHLIB, "refusals");
}

#[test]
fn rfc7523_2_2_authlib_proves_itself_by_a_key() {
    // Authlib names the token endpoint as the audience of its assertions, and nothing else can be told to it.
    let audience = json!({ "assertion_audience": "issuer_or_endpoint" });
    let keys = ["ES256", "RS256"].map(|alg| with(client_with_key(alg), audience.clone()));
    World::start(keys.into()).perform(AUTHLIB, "whole_life");
}

#[test]
fn rfc7009_2_1_authlib_tells_live_tokens_from_revoked_ones() {
    let world = World::start(vec![client("ES256", "client_secret_basic")]);
    world.perform(AUTHLIB, "end_of_tokens");
}
