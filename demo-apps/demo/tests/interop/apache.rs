//! An Apache of our own with `mod_auth_openidc` before one page: configured from a folder, stopped when dropped.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Where Debian keeps the server and its modules.
const PROGRAM: &str = "/usr/sbin/apache2";
const MODULES: &str = "/usr/lib/apache2/modules";

/// What the page shows: variables that `mod_auth_openidc` sets, echoed by `mod_include`.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Behind Apache</title><h1>Behind Apache</h1>
<p id="remote-user"><!--#echo var="REMOTE_USER" --></p>
<p id="groups"><!--#echo var="OIDC_CLAIM_groups" --></p>
<p id="email"><!--#echo var="OIDC_CLAIM_email" --></p>
<p id="issuer"><!--#echo var="OIDC_CLAIM_iss" --></p>
"#;
const SIGNED_OUT: &str =
    r#"<!doctype html><html lang="en"><title>Bye</title><h1>Signed out of Apache</h1>"#;

/// An Apache that serves.
pub(crate) struct Apache {
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl Apache {
    /// Starts one that protects `/protected/` and `/api/` as these directives say, and waits until it serves.
    pub(crate) fn start(port: u16, directives: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Started by root, it serves as www-data.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let site = folder.path().join("site");
        for folder in ["protected", "api"] {
            fs::create_dir_all(site.join(folder)).unwrap();
            fs::write(site.join(folder).join("index.shtml"), PAGE).unwrap();
        }
        fs::write(site.join("signed-out.html"), SIGNED_OUT).unwrap();
        let config = folder.path().join("apache.conf");
        fs::write(&config, configuration(folder.path(), port) + directives).unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["-D", "FOREGROUND", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Apache is missing: run scripts/test interop");
        let ready = readiness(&mut child);
        let apache = Self { port, child, _folder: folder };
        ready.recv_timeout(Duration::from_mins(1)).expect("Apache does not start: see above");
        apache
    }

    /// An address of the server that has, or will have, this port.
    pub(crate) fn address(port: u16, path: &str) -> String {
        format!("http://localhost:{port}{path}")
    }

    /// An address of this server.
    pub(crate) fn at(&self, path: &str) -> String {
        Self::address(self.port, path)
    }
}

impl Drop for Apache {
    /// Asks the parent process, which stops the others; killed at once it would leave them.
    fn drop(&mut self) {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status();
        let stopped = stopped.is_ok_and(|status| status.success());
        if !stopped {
            self.child.kill().ok();
        }
        self.child.wait().ok();
    }
}

/// Everything but what concerns `OpenID` Connect.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let mut text = String::new();
    for module in
        ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "dir", "include"]
    {
        writeln!(text, "LoadModule {module}_module {MODULES}/mod_{module}.so").unwrap();
    }
    write!(
        text,
        "ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
User www-data
Group www-data
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
Mutex fcntl:{folder}
ErrorLog /dev/stderr
LogLevel notice
DocumentRoot {folder}/site
DirectoryIndex index.shtml
<Directory {folder}/site>
  Require all granted
  Options +Includes
</Directory>
<Files *.shtml>
  ForceType text/html
  SetOutputFilter INCLUDES
</Files>
<Files *.html>
  ForceType text/html
</Files>
"
    )
    .unwrap();
    text
}

/// Tells when the log says that the server has started; all that it logs is shown when a test fails.
fn readiness(child: &mut Child) -> Receiver<()> {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (tell, told) = channel();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            eprintln!("{line}");
            if line.contains("resuming normal operations") {
                tell.send(()).ok();
            }
        }
    });
    told
}
