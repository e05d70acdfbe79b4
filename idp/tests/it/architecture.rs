//! The borders that Cargo cannot hold (design §2).

use portal_core::permission::{Effect, ON_HOLDER, TABLE};

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(kind: &str, folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | ".git" | ".demo") {
            files(kind, &path, found);
        } else if path.extension().is_some_and(|extension| extension == kind) {
            let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((relative, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    files("rs", &root(), &mut found);
    assert!(found.len() > 100, "the walk found the sources");
    found
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs")
}

/// A file's text without its unit tests.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn storage_alone_speaks_sql_and_keys_alone_speak_jose() {
    for (path, text) in sources() {
        let text = product(&text);
        if path.starts_with("idp/src/") {
            for foreign in ["sea_orm::", "sqlx::", "redis::", "josekit::"] {
                assert!(!text.contains(foreign), "{path} uses {foreign}");
            }
        }
        if path.starts_with("idp/src/") && !path.starts_with("idp/src/outbound/") {
            assert!(!text.contains("reqwest::"), "{path} calls out, past the checks of addresses");
        }
        if !path.starts_with("keys/") && !path.starts_with("idp/tests/") {
            assert!(!text.contains("josekit::"), "{path} uses josekit");
        }
    }
}

#[test]
fn the_pure_cores_have_neither_io_nor_clock_nor_randomness() {
    for (path, text) in sources() {
        if path.starts_with("idp/oidc-core/src") || path.starts_with("idp/portal-core/src") {
            for foreign in [
                "async ",
                "std::fs",
                "std::net",
                "tokio",
                "axum",
                "SystemTime",
                "now_utc",
                "rand::",
            ] {
                assert!(!product(&text).contains(foreign), "{path} uses {foreign}");
            }
        }
    }
}

#[test]
fn pages_never_call_each_other() {
    let names: Vec<String> = fs::read_dir(root().join("idp/src/web/pages"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    // Not pages, but what two of them share.
    let shared = [
        "mod",
        "tiles",
        "waiting_client",
        "target",
        "password_source",
        "own",
        "person",
        "route",
        "entries",
    ];
    for (path, text) in sources()
        .iter()
        .filter(|(path, _)| path.starts_with("idp/src/web/pages/") && !path.ends_with("mod.rs"))
    {
        for name in names.iter().filter(|name| !shared.contains(&name.as_str())) {
            let uses = text.contains(&format!("super::{name}::"))
                || text.contains(&format!("super::{{{name}::"));
            let calls = text.contains(&format!("{name}::show("))
                || text.contains(&format!("{name}::submit("));
            assert!(!uses && !calls, "{path} calls the page {name}");
        }
    }
}

#[test]
fn files_stay_under_four_hundred_lines() {
    let mut written = sources();
    for kind in ["css", "html", "js"] {
        files(kind, &root(), &mut written);
    }
    for (path, text) in written {
        assert!(
            text.lines().count() <= 400,
            "{path} has {} lines: which noun is missing?",
            text.lines().count()
        );
    }
}

#[test]
fn time_is_asked_in_clocks_only() {
    for (path, text) in sources() {
        // The conformance runner times its own checks.
        if is_test(&path)
            || path.ends_with("clock.rs")
            || path.starts_with("conformance/")
            || path.starts_with("idp/benches/")
        {
            continue;
        }
        for call in ["now_utc()", "SystemTime::now()", "Instant::now()"] {
            assert!(!product(&text).contains(call), "{path} asks {call}");
        }
    }
}

#[test]
fn relying_parties_import_nothing_of_the_portal() {
    for application in ["relying-party", "casper", "ssm-portal", "astra"] {
        let manifest =
            fs::read_to_string(root().join("demo-apps").join(application).join("Cargo.toml"))
                .unwrap();
        for foreign in ["idp", "storage", "oidc-core", "portal-core", "keys", "migrations"] {
            assert!(
                !manifest.contains(&format!("\n{foreign}.workspace")),
                "{application} imports {foreign}"
            );
        }
    }
}

#[test]
fn every_path_that_the_map_names_exists() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut named = 0;
    for path in map
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains('/') && !text.contains(' ') && !text.contains("::"))
    {
        if path.starts_with('/') || path.contains('{') {
            continue;
        }
        named += 1;
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}");
    }
    assert!(named > 20, "the map names its paths");
}

#[test]
fn the_permissions_document_is_written_from_the_table() {
    let expected = permissions_document();
    let file = root().join("docs/permissions.md");
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&file, &expected).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, expected, "run with UPDATE_DOCS=1");
}

fn permissions_document() -> String {
    let mut text = String::from(
        "# Who may do what\n\nWritten from the permission table in `idp/portal-core/src/permission/table.rs`; a test keeps it true.\nWhat is not listed is denied. An object outside the actor's sight looks like one that does not exist.\n\nA row that says no is stronger than any that says yes.\n\n| action | relation to the object | may | why |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let may = if row.effect == Effect::Allow { "yes" } else { "never" };
        writeln!(text, "| {:?} | {:?} | {may} | {} |", row.action, row.relation, row.reason)
            .unwrap();
    }
    let on_holder: Vec<String> = ON_HOLDER.iter().map(|action| format!("{action:?}")).collect();
    writeln!(
        text,
        "\nWhoever does one of these to a person by a delegated role needs a boundary that encloses all delegated roles of the\nperson, also those above the level of the account (security.md 82): {}.",
        on_holder.join(", ")
    )
    .unwrap();
    text.push_str(&crate::matrix::routes_document());
    text
}
