//! security.md 1: an address that is not registered, byte for byte, is never redirected to, whichever way the request
//! comes in and although the visitor is signed in and would be given a code.

use std::collections::BTreeSet;

use oidc_core::client::Client;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use url::Url;

use crate::{
    entry::{Entry, Outcome},
    harness::{Browser, REDIRECT_URI, TestIdp, authorize, casper, form, redemption},
};

/// Registered beside [`REDIRECT_URI`] for the client `several`.
const WITH_QUERY: &str = "https://rp.example/cb?a=b&c=d";

/// Written by hand: what parsers, browsers and people confuse with `https://rp.example/callback`.
const VARIANTS: [&str; 84] = [
    "https://rp.example/callback/",
    "https://rp.example/callback//",
    "https://rp.example//callback",
    "https://rp.example/./callback",
    "https://rp.example/callback/.",
    "https://rp.example/callback/..",
    "https://rp.example/x/../callback",
    "https://rp.example/callback/../callback",
    "https://rp.example/callback/../../evil",
    "https://rp.example/callback/..;/evil",
    "https://rp.example/callback;",
    "https://rp.example/callback;jsessionid=1",
    "https://rp.example/callback%2f",
    "https://rp.example/%63allback",
    "https://rp.example/call%62ack",
    "https://rp.example/%2e/callback",
    "https://rp.example/callback/%2e%2e/evil",
    "https://rp.example/callback/%252e%252e/evil",
    "https://rp.example/callback%3f",
    "https://rp.example/callback%23",
    "https://rp.example/callback%00",
    "https://rp.example/callback%0d%0aSet-Cookie:x",
    "https://rp.example/callback%20",
    "https://rp.example/callback ",
    " https://rp.example/callback",
    "\thttps://rp.example/callback",
    "https://rp.example/callback\n",
    "https://rp.example/callback\r\nLocation: https://evil.example/",
    "https://rp.example/call\tback",
    "https://rp.example/callback\u{0}",
    "https://rp.example/callback\u{7f}",
    "https://rp.example/callback\u{200b}",
    "https://rp.example/callback\u{feff}",
    "https://rp.example/callback?",
    "https://rp.example/callback?x",
    "https://rp.example/callback?code=1",
    "https://rp.example/callback#",
    "https://rp.example/callback#x",
    "https://rp.example/callback#@evil.example/",
    "https://rp.example/Callback",
    "https://rp.example/CALLBACK",
    "https://RP.example/callback",
    "https://rp.EXAMPLE/callback",
    "HTTPS://rp.example/callback",
    "Https://rp.example/callback",
    "http://rp.example/callback",
    "httpss://rp.example/callback",
    "ftp://rp.example/callback",
    "//rp.example/callback",
    "/callback",
    "callback",
    "https:/rp.example/callback",
    "https:rp.example/callback",
    "https:///rp.example/callback",
    "https:\\\\rp.example\\callback",
    "https://rp.example\\callback",
    "https://rp.example\\@evil.example/callback",
    "https://rp.example:443/callback",
    "https://rp.example:/callback",
    "https://rp.example:8443/callback",
    "https://rp.example:0443/callback",
    "https://rp.example./callback",
    "https://rp.example.evil.example/callback",
    "https://evil.example/https://rp.example/callback",
    "https://evil.example?https://rp.example/callback",
    "https://evil.example#https://rp.example/callback",
    "https://user@rp.example/callback",
    "https://user:pw@rp.example/callback",
    "https://rp.example@evil.example/callback",
    "https://rp.example%40evil.example/callback",
    "https://evilrp.example/callback",
    "https://sub.rp.example/callback",
    "https://rp-example/callback",
    "https://rp。example/callback",
    "https://ｒｐ.example/callback",
    "https://rр.example/callback",
    "https://xn--r-8sb.example/callback",
    "https://rp.example/callback,https://evil.example/",
    "https://rp.example/callback https://evil.example/",
    "javascript:alert(1)//rp.example/callback",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "urn:ietf:wg:oauth:2.0:oob",
    "https://rp.example/callback*",
];

/// The query of a good request for an address.
fn query(client: &str, redirect_uri: &str) -> String {
    let own = [("client_id", Some(client)), ("redirect_uri", Some(redirect_uri))];
    authorize(&own).split_once('?').unwrap().1.to_owned()
}

async fn is_never_redirected_to(browser: &mut Browser<'_>, entry: Entry, redirect_uri: &str) {
    let expected = match entry {
        Entry::Get | Entry::Post => Outcome::Page,
        Entry::Par => Outcome::Refused("invalid_request".to_owned()),
    };
    let outcome = browser.ask(entry, "casper", &query("casper", redirect_uri)).await;
    assert_eq!(outcome, expected, "{entry:?} {redirect_uri:?}");
}

#[tokio::test]
async fn rfc9700_4_1_3_no_variant_of_a_registered_address_is_redirected_to() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    assert!(VARIANTS.iter().collect::<BTreeSet<_>>().len() >= 60);
    for entry in Entry::ALL {
        let good = browser.ask(entry, "casper", &query("casper", REDIRECT_URI)).await;
        assert!(good.parameter("code").is_some(), "the request itself is good: {good:?}");
        for variant in VARIANTS {
            is_never_redirected_to(&mut browser, entry, variant).await;
        }
        is_never_redirected_to(&mut browser, entry, "").await;
        let without = query("casper", "").replace("redirect_uri=", "nothing=");
        let outcome = browser.ask(entry, "casper", &without).await;
        assert!(matches!(outcome, Outcome::Page | Outcome::Refused(_)), "{outcome:?}");
        let repeated = format!("{}&redirect_uri=x", query("casper", REDIRECT_URI));
        let outcome = browser.ask(entry, "casper", &repeated).await;
        assert!(matches!(outcome, Outcome::Page | Outcome::Refused(_)), "{outcome:?}");
    }
}

/// Characters that mean something in an address, or look like something that does.
const INSERTED: &str = "/\\?#@:;.%&=+*,~-_'\"<>()[]{}|^`$! aA0\t\r\n\u{7f}\u{a0}\u{2044}\u{3002}\u{ff0f}\u{202e}\u{200d}";
/// Letters and marks that look alike in some script.
const TWINS: [(char, &str); 12] = [
    ('a', "аαａ"),
    ('c', "сϲｃ"),
    ('e', "еｅ"),
    ('h', "һｈ"),
    ('l', "ⅼӏ1Iｌ"),
    ('m', "ｍⅿ"),
    ('p', "рρｐ"),
    ('s', "ѕｓ"),
    ('t', "тｔ"),
    ('x', "хｘ"),
    ('/', "⁄∕／"),
    ('.', "。．｡"),
];

/// Every address that one step leads to: a character left out, put in, replaced, doubled, written in the other case,
/// percent-encoded once or twice, or replaced by its twin.
fn mutations(registered: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, old) in registered.char_indices() {
        let (before, after) = (&registered[..at], &registered[at + old.len_utf8()..]);
        let mut put = |text: &str| found.insert(format!("{before}{text}{after}"));
        put("");
        put(&format!("{old}{old}"));
        put(&old.to_ascii_uppercase().to_string());
        put(&old.to_ascii_lowercase().to_string());
        put(&format!("%{:02x}", u32::from(old)));
        put(&format!("%{:02X}", u32::from(old)));
        put(&format!("%25{:02x}", u32::from(old)));
        for new in INSERTED.chars() {
            put(&new.to_string());
            put(&format!("{new}{old}"));
        }
        for (_, twins) in TWINS.iter().filter(|(plain, _)| *plain == old) {
            twins.chars().for_each(|twin| _ = put(&twin.to_string()));
        }
    }
    INSERTED.chars().for_each(|last| _ = found.insert(format!("{registered}{last}")));
    found.remove(registered);
    found
}

#[tokio::test]
async fn rfc9700_4_1_3_no_address_one_step_away_is_redirected_to() {
    let idp = TestIdp::start().await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let all = mutations(REDIRECT_URI);
    assert!(all.len() > 2000, "{}", all.len());
    for (number, mutation) in all.iter().enumerate() {
        is_never_redirected_to(&mut browser, Entry::Get, mutation).await;
        if number % 10 == 0 {
            is_never_redirected_to(&mut browser, Entry::Post, mutation).await;
            is_never_redirected_to(&mut browser, Entry::Par, mutation).await;
        }
    }
}

#[test]
fn rfc9700_4_1_3_no_address_several_random_steps_away_is_redirected_to() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let idp = runtime.block_on(TestIdp::start());
    let browser = runtime.block_on(idp.signed_in(idp.world.anna));
    let step = (any::<prop::sample::Index>(), any::<char>(), 0..4_u8);
    let addresses = prop::collection::vec(step, 1..6).prop_map(|steps| {
        let mut address: Vec<char> = REDIRECT_URI.chars().collect();
        for (index, new, kind) in steps {
            let at = index.index(address.len());
            match kind {
                0 => address.insert(at, new),
                1 => address[at] = new,
                2 => address.swap(at, 0),
                _ => drop(address.remove(at)),
            }
        }
        address.into_iter().collect::<String>()
    });
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    runner
        .run(&addresses, |address| {
            prop_assume!(address != REDIRECT_URI);
            let mut own = idp.browser();
            own.cookies.clone_from(&browser.cookies);
            for entry in Entry::ALL {
                runtime.block_on(is_never_redirected_to(&mut own, entry, &address));
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn each_registered_address_counts_with_its_query_and_only_for_its_client() {
    let idp = TestIdp::start().await;
    let redirect_uris = vec![REDIRECT_URI.to_owned(), WITH_QUERY.to_owned()];
    idp.register(&Client { id: "several".to_owned(), redirect_uris, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for entry in Entry::ALL {
        for good in [REDIRECT_URI, WITH_QUERY] {
            let outcome = browser.ask(entry, "several", &query("several", good)).await;
            assert!(outcome.parameter("code").is_some(), "{outcome:?}");
        }
        for wrong in [
            "https://rp.example/cb",
            "https://rp.example/cb?a=b",
            "https://rp.example/cb?c=d&a=b",
            "https://rp.example/cb?a=b&c=d&e=f",
            "https://rp.example/cb?a=b&a=b&c=d",
            "https://rp.example/cb?a=b&c=%64",
            "https://rp.example/callback?a=b&c=d",
        ] {
            let outcome = browser.ask(entry, "several", &query("several", wrong)).await;
            assert!(matches!(outcome, Outcome::Page | Outcome::Refused(_)), "{wrong} {outcome:?}");
        }
        is_never_redirected_to(&mut browser, entry, WITH_QUERY).await;
    }
}

#[tokio::test]
async fn rfc8252_7_3_only_the_port_of_a_registered_loopback_address_may_differ() {
    let idp = TestIdp::start().await;
    let redirect_uris =
        ["http://127.0.0.1/cb", "http://[::1]:3000/cb?x=1", "http://localhost:8081/cb"];
    let redirect_uris = redirect_uris.map(str::to_owned).to_vec();
    idp.register(&Client { id: "native".to_owned(), redirect_uris, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    for (address, is_good) in [
        ("http://127.0.0.1/cb", true),
        ("http://127.0.0.1:51004/cb", true),
        ("http://[::1]/cb?x=1", true),
        ("http://[::1]:61023/cb?x=1", true),
        ("http://localhost:8081/cb", true),
        ("http://localhost/cb", false),
        ("http://localhost:8082/cb", false),
        ("http://127.0.0.1:51004/cb?x=1", false),
        ("http://127.0.0.1:51004/other", false),
        ("http://127.0.0.1:51004/cb#", false),
        ("http://127.0.0.1:0/cb", false),
        ("http://127.0.0.1:065/cb", false),
        ("http://127.0.0.1:99999/cb", false),
        ("http://127.0.0.1:80@evil.example/cb", false),
        ("http://127.0.0.1.evil.example/cb", false),
        ("http://127.0.0.2/cb", false),
        ("http://127.1/cb", false),
        ("http://2130706433/cb", false),
        ("http://0x7f.0.0.1/cb", false),
        ("http://[::1]:61023/cb", false),
        ("http://[0:0:0:0:0:0:0:1]/cb?x=1", false),
        ("http://[::ffff:127.0.0.1]/cb", false),
        ("https://127.0.0.1/cb", false),
        ("http://localhost.evil.example:8081/cb", false),
    ] {
        for entry in Entry::ALL {
            let outcome = browser.ask(entry, "native", &query("native", address)).await;
            assert_eq!(outcome.parameter("code").is_some(), is_good, "{entry:?} {address}");
            if let Outcome::Answer { address: sent_to, .. } = &outcome {
                let (sent_to, asked) = (Url::parse(sent_to).unwrap(), Url::parse(address).unwrap());
                assert_eq!((sent_to.host(), sent_to.port()), (asked.host(), asked.port()));
            }
        }
    }
}

/// The port that was presented is bound to the code (RFC 6749 4.1.3).
#[tokio::test]
async fn a_code_for_one_port_is_not_redeemed_with_another() {
    let idp = TestIdp::start().await;
    let redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
    idp.register(&Client { id: "native".to_owned(), redirect_uris, ..casper() }).await;
    let mut browser = idp.signed_in(idp.world.anna).await;
    let address = "http://127.0.0.1:51004/cb";
    let outcome = browser.ask(Entry::Get, "native", &query("native", address)).await;
    let code = outcome.parameter("code").unwrap().to_owned();
    for (redirect_uri, error) in [("http://127.0.0.1/cb", Some("invalid_grant")), (address, None)] {
        let mut fields = redemption(&code);
        fields[2].1 = redirect_uri;
        let reply = idp.token("native", &fields).await.json();
        assert_eq!(reply["error"].as_str(), error, "{}", form(&fields));
    }
}
