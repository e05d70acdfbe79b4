//! `idp keys` as it is typed: the program itself, its exit codes, and one line for a person when it fails.

use std::{
    path::Path,
    process::{Command, Output},
};

fn idp(folder: &Path, arguments: &[&str]) -> Output {
    let config = folder.join("idp.toml");
    Command::new(env!("CARGO_BIN_EXE_idp"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn configure(folder: &Path) {
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    std::fs::write(folder.join("key"), key).unwrap();
    let folder = folder.display();
    let config = format!(
        "[server]\nissuer = \"http://localhost:8080\"\nlisten = \"127.0.0.1:0\"\n\
         [database]\nurl = \"sqlite://{folder}/idp.sqlite?mode=rwc\"\n\
         [secrets]\nmaster_key_file = \"{folder}/key\"\n"
    );
    std::fs::write(format!("{folder}/idp.toml"), config).unwrap();
}

#[test]
fn it_rotates_shows_and_revokes_and_says_in_one_line_why_it_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    configure(folder);
    let early = idp(folder, &["keys", "list"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(text(&early.stderr).contains("idp migrate up"), "{early:?}");
    assert!(idp(folder, &["migrate", "up"]).status.success());

    // The first key of an algorithm signs at once: there is none that it could follow.
    let first = text(&idp(folder, &["keys", "rotate", "--alg", "EdDSA"]).stdout);
    let kid = first.split([' ', ',']).nth(2).unwrap().to_owned();
    let list = text(&idp(folder, &["keys", "list"]).stdout);
    let row = list.lines().nth(1).unwrap();
    assert!(row.starts_with(&kid) && row.contains("EdDSA") && row.contains("active"), "{list}");

    assert!(idp(folder, &["keys", "rotate", "--alg", "EdDSA"]).status.success());
    let revoked = idp(folder, &["keys", "revoke", &kid]);
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(text(&revoked.stdout).lines().count(), 3);
    for (arguments, code, word) in [
        (["keys", "revoke", kid.as_str()].as_slice(), 1, "before"),
        (&["keys", "revoke", "nobody"], 1, "nobody"),
        (&["keys", "rotate", "--alg", "EdDSA"], 1, "nothing was rotated"),
        (&["keys", "rotate", "--alg", "HS256"], 2, "HS256"),
        (&["keys", "revoke"], 2, "KID"),
    ] {
        let output = idp(folder, arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {error}");
        assert!(error.contains(word), "{arguments:?} {error}");
        assert!(code == 2 || error.lines().count() == 1, "{arguments:?} {error}");
    }
}
