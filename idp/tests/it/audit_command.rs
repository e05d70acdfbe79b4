//! `idp audit` as it is typed: the database and its exports, which are proved with the public key alone.

use std::{
    path::Path,
    process::{Command, Output},
};

use sqlx::{Connection as _, SqliteConnection};

/// Runs the program in a folder.
fn idp(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_idp")).current_dir(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command that must succeed prints.
fn out(folder: &Path, arguments: &[&str]) -> String {
    let output = idp(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What a command that must fail says, in one line.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = idp(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    let error = text(&output.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

/// A folder with a configuration and a database, in whose trail keys were made.
fn portal() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("key"), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let config = "[server]\nissuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:0\"\n\
                  [database]\nurl = \"sqlite://idp.sqlite?mode=rwc\"\n\
                  [secrets]\nmaster_key_file = \"key\"\n";
    std::fs::write(path.join("idp.toml"), config).unwrap();
    out(path, &["migrate", "up"]);
    out(path, &["keys", "rotate"]);
    out(path, &["keys", "rotate"]);
    folder
}

async fn execute(folder: &Path, sql: &'static str) {
    let url = format!("sqlite://{}", folder.join("idp.sqlite").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
}

#[tokio::test]
async fn it_names_the_changed_row_of_the_database() {
    let folder = portal();
    let path = folder.path();
    assert!(out(path, &["audit", "verify"]).contains("6 entries, the chain is whole"));
    out(path, &["audit", "public-key"]);
    let whole = out(path, &["audit", "verify"]);
    assert_eq!(whole.trim(), "7 entries, the chain is whole; all of them are signed");
    execute(path, "UPDATE audit_events SET detail = detail || ' ' WHERE seq = 3").await;
    let error = refusal(path, &["audit", "verify"]);
    assert!(error.contains("entry 3 is not the one that was written"), "{error}");
}

#[tokio::test]
async fn a_checkpoint_that_was_kept_elsewhere_tells_of_entries_that_are_gone() {
    let folder = portal();
    let path = folder.path();
    let export = out(path, &["audit", "export", "--format", "json"]);
    let last = export.lines().last().unwrap();
    let line: serde_json::Value = serde_json::from_str(last).unwrap();
    let kept = line["checkpoint"].as_str().unwrap();
    assert!(idp(path, &["audit", "verify", "--checkpoint", kept]).status.success());
    execute(path, "DELETE FROM audit_checkpoints").await;
    execute(path, "DELETE FROM audit_events WHERE seq > 5").await;
    execute(
        path,
        "UPDATE audit_head SET seq = 5, digest = (SELECT digest FROM audit_events WHERE seq = 5)",
    )
    .await;
    assert!(out(path, &["audit", "verify"]).contains("5 entries"));
    let error = refusal(path, &["audit", "verify", "--checkpoint", kept]);
    assert!(error.contains("entry 6 is missing"), "{error}");
    let error = refusal(path, &["audit", "verify", "--checkpoint", "a.b.c"]);
    assert!(error.contains("no trusted key signed"), "{error}");
}

#[test]
fn an_export_is_proved_elsewhere_with_the_public_key_alone() {
    let folder = portal();
    let export = out(folder.path(), &["audit", "export", "--format", "json"]);
    let key = out(folder.path(), &["audit", "public-key"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path();
    std::fs::write(path.join("key.json"), &key).unwrap();
    let prove = |export: &[u8]| {
        std::fs::write(path.join("export.jsonl"), export).unwrap();
        idp(path, &["audit", "verify", "--export", "export.jsonl", "--public-key", "key.json"])
    };
    let proved = prove(export.as_bytes());
    assert!(proved.status.success(), "{proved:?}");
    let said = text(&proved.stdout);
    assert!(said.starts_with("entries 1 to 8 of http://localhost:8080, 8 of them shown"), "{said}");

    // A byte of each entry, and a byte that is no text: the entry is named.
    for (number, line) in export.lines().enumerate().filter(|(_, line)| line.contains("\"actor\""))
    {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let start = export.lines().take(number).map(|line| line.len() + 1).sum::<usize>();
        for (at, byte) in [(line.len() / 2, b'~'), (line.len() - 3, b'~'), (9, 0xff)] {
            let mut bytes = export.clone().into_bytes();
            bytes[start + at] = byte;
            let output = prove(&bytes);
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1));
            assert!(error.contains(&format!("entry {} is not", entry["seq"])), "{at}: {error}");
        }
    }
    let cut = export.lines().take(4).collect::<Vec<_>>().join("\n");
    let error = text(&prove(cut.as_bytes()).stderr);
    assert!(error.contains("entry 4 is missing, and with it everything up to entry 8"), "{error}");
    for nonsense in ["", "{}", "a,b,c\n"] {
        assert!(text(&prove(nonsense.as_bytes()).stderr).contains("no export"), "{nonsense}");
    }

    // Another portal's key proves nothing.
    let other = out(portal().path(), &["audit", "public-key"]);
    std::fs::write(path.join("key.json"), other).unwrap();
    assert!(text(&prove(export.as_bytes()).stderr).contains("no trusted key signed"));
    let missing = idp(path, &["audit", "verify", "--export", "export.jsonl"]);
    assert_eq!(missing.status.code(), Some(2), "the key must be given");
}

#[test]
fn a_part_is_proved_as_well_and_a_list_is_for_people() {
    let folder = portal();
    let path = folder.path();
    let none = out(path, &["audit", "export", "--format", "json", "--to", "2000-01-01"]);
    assert!(!none.contains("\"actor\""), "{none}");
    let key = out(path, &["audit", "public-key"]);
    std::fs::write(path.join("key.json"), key).unwrap();
    let since = out(path, &["audit", "export", "--format", "json", "--from", "2020-01-01"]);
    for (name, export, shown) in [("none", none, "0 of them"), ("since", since, "8 of them")] {
        std::fs::write(path.join(name), export).unwrap();
        let proved = out(path, &["audit", "verify", "--export", name, "--public-key", "key.json"]);
        assert!(proved.contains(shown), "{proved}");
    }
    let list = out(path, &["audit", "export", "--format", "csv"]);
    assert!(list.starts_with("\u{feff}Number,When,What happened,"), "{list}");
    assert_eq!(list.lines().count(), 11, "{list}");
    let error = refusal(path, &["audit", "export", "--format", "csv", "--level", "Root/NOWHERE"]);
    assert!(error.contains("there is no level Root/NOWHERE"), "{error}");
    for typing in [["--format", "xml"].as_slice(), &["--format", "csv", "--from", "x"], &[]] {
        let output = idp(path, &[&["audit", "export"], typing].concat());
        assert_eq!(output.status.code(), Some(2), "{typing:?}");
    }
}
