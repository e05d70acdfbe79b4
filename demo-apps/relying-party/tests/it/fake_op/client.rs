//! The provider's view of its client: how it must prove who it is.

use std::collections::HashMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::HeaderMap;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::{CLIENT_ID, CLIENT_SECRET, FakeOp};

/// What the client is registered with.
pub(crate) enum Registered {
    Basic,
    Post,
    /// Its JWK Set, and the only `aud` that is taken.
    PrivateKey(Value, String),
    Public,
}

impl FakeOp {
    /// Whether the request proves the client's identity in the registered way, and in no other.
    pub(super) fn knows_client(&self, headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
        let header = headers.get("authorization").map(http::HeaderValue::as_bytes);
        let secret = form.get("client_secret").map(String::as_str);
        let assertion = form.get("client_assertion");
        let own_id = form.get("client_id").is_some_and(|id| id == CLIENT_ID);
        match &*self.registered.lock().unwrap() {
            Registered::Basic => {
                let encode = |text: &str| {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
                };
                let credentials = format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET));
                let expected = format!("Basic {}", STANDARD.encode(credentials));
                header == Some(expected.as_bytes()) && secret.is_none() && assertion.is_none()
            }
            Registered::Post => {
                own_id && secret == Some(CLIENT_SECRET) && header.is_none() && assertion.is_none()
            }
            Registered::PrivateKey(jwks, audience) => {
                let kind = form.get("client_assertion_type").map(String::as_str);
                own_id
                    && header.is_none()
                    && secret.is_none()
                    && kind == Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                    && assertion.is_some_and(|jws| self.takes(jws, jwks, audience))
            }
            Registered::Public => {
                own_id && header.is_none() && secret.is_none() && assertion.is_none()
            }
        }
    }

    /// RFC 7523 section 3, as strictly as FAPI 2.0 has it: one string as `aud`, a `jti` once.
    fn takes(&self, assertion: &str, jwks: &Value, audience: &str) -> bool {
        let parts: Vec<&str> = assertion.split('.').collect();
        let json = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (json(parts[0]), json(parts[1]));
        let keys = jwks["keys"].as_array().unwrap();
        let Some(jwk) = keys.iter().find(|jwk| jwk["kid"] == header["kid"]) else {
            return false;
        };
        let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let point = [vec![4], part("x"), part("y")].concat();
        let signed = format!("{}.{}", parts[0], parts[1]);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        let verified = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &signature)
            .is_ok();
        let now = self.seconds();
        let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
        let jti = claims["jti"].as_str().unwrap().to_owned();
        verified
            && header["alg"] == "ES256"
            && claims["iss"] == CLIENT_ID
            && claims["sub"] == CLIENT_ID
            && claims["aud"] == audience
            && (iat - now).abs() <= 5
            && exp > now
            && exp <= iat + 60
            && jti.len() >= 22
            && self.assertions.lock().unwrap().insert(jti)
    }
}
