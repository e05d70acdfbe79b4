//! Authlib (PyPI).

use crate::world::{AUTHLIB, World, client};

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
