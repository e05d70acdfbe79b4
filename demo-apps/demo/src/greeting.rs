//! What the demo says when everything runs.

use std::io::Write as _;

use crate::{applications::APPLICATIONS, launch::Addresses, options::Options};

/// People worth signing in as, and why.
const PEOPLE: [(&str, &str); 8] = [
    ("hugo.belmonte@bank-e.example", "submitter: tiles CASPER and CASPER Pre-Production"),
    ("test.user.daa@bank-01.example", "SSM Portal user: the account appears at the first sign-in"),
    ("testuser.daa@bank-01.example", "access administrator: SSM Portal, Manage Users"),
    ("lucia.armentera@bank-e.example", "CASPER web user administrator"),
    ("marta.olivenza@bank-e.example", "has the group but no data collection yet"),
    ("fred.perry@company.com", "no application yet"),
    ("leocadia.ferrandell@ecb.example", "ECB staff: a nomination waits, under Nominations"),
    ("philine.sandmoor@ecb.example", "ECB staff: confirms it too, as four eyes must"),
];

/// Prints addresses, people and the password.
pub(crate) fn print(addresses: &Addresses, options: &Options) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nIdentity Portal            {}", addresses.portal())?;
    writeln!(out, "Demo phone and mailbox     {}/demo/outbox\n", addresses.portal())?;
    for application in APPLICATIONS.iter().filter(|application| application.port.is_some()) {
        if let Some(address) = addresses.of(application) {
            writeln!(out, "{:<26} {address}", application.title)?;
        }
    }
    writeln!(out, "\nSign in as, for example:")?;
    for (email, why) in PEOPLE {
        writeln!(out, "  {email:<34} {why}")?;
    }
    writeln!(out, "Password of everybody: {}", options.password)?;
    match options.fixed_code {
        Some(code) => writeln!(out, "Code of every login: {code:06}")?,
        None => writeln!(out, "The code of each login appears on the demo phone.")?,
    }
    writeln!(
        out,
        "\nStop with Ctrl+C. Data are kept in {}; --reset starts afresh.",
        options.data.display()
    )?;
    out.flush()
}
