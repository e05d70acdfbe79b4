//! The demo as its users start it: a process with a folder and ports of its own, stopped when dropped.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// A demo that serves.
pub(crate) struct Demo {
    /// Port of the portal; the relying parties have the five after it.
    pub(crate) port: u16,
    child: Child,
    data: TempDir,
}

impl Demo {
    /// Starts one with these options and a fresh folder, and waits until it says that everything runs.
    pub(crate) fn start(options: &[&str]) -> Self {
        // Another process may take a port between the look and the start.
        (0..5)
            .find_map(|_| Self::try_start(options))
            .ok_or("the demo does not start; its reason is above")
            .unwrap()
    }

    /// Address of the portal, which is the issuer.
    pub(crate) fn portal(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Its data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.data.path()
    }

    /// The first of six free ports.
    pub(crate) fn free_ports() -> u16 {
        six_free_ports()
    }

    fn try_start(options: &[&str]) -> Option<Self> {
        let port = six_free_ports();
        let data = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_demo"))
            .arg("--data")
            .arg(data.path())
            .args(["--port-base", &port.to_string()])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let greeted = greeting(&mut child);
        let demo = Self { port, child, data };
        greeted.recv_timeout(Duration::from_mins(1)).is_ok().then_some(demo)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Tells when the last line of the greeting is out; its sender is dropped when the process ends before. What follows
/// is read and forgotten, so that the demo never waits for a reader.
fn greeting(child: &mut Child) -> Receiver<()> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = channel();
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if line.starts_with("Stop with") {
                tell.send(()).ok();
            }
        }
    });
    told
}

fn six_free_ports() -> u16 {
    loop {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = first.local_addr().unwrap().port();
        let following = 1..=5;
        if following.map(|n| port.checked_add(n)).all(is_free) {
            return port;
        }
    }
}

fn is_free(port: Option<u16>) -> bool {
    port.is_some_and(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
}
