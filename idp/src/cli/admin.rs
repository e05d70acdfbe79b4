//! `idp admin`: the first members of the operator's staff, and what nobody of it is left to do.

use std::collections::BTreeSet;

use anyhow::Context as _;
use clap::Subcommand;
use portal_core::{
    email::{Email, EmailKey},
    first_staff::{FIRST_STAFF, FirstStaff, SetUpOver},
    permission::StaffRole,
    person_name::PersonName,
    phone::PhoneNumber,
};

use crate::{
    administration::{Administration, AdministrationError, DormantChoice, Rule},
    entropy::Entropy,
    invitation::FreshLink,
};

/// What can be done about the first staff.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Invite one of the first identity administrators, and print the activation link, once. It works for 24 hours.
    /// Again with the same address, it prints another link. Only until the first of them has signed in.
    Bootstrap {
        /// First name.
        #[arg(long)]
        first_name: String,
        /// Last name.
        #[arg(long)]
        last_name: String,
        /// The person's own address.
        #[arg(long)]
        email: String,
        /// Phone number with country code, for the codes.
        #[arg(long)]
        phone: String,
    },
    /// Confirm the roles of a member of the staff that wait for a second identity administrator, where there is none.
    Confirm {
        /// The person's own address.
        #[arg(long)]
        email: String,
        /// Also where somebody else could confirm them on the pages, but cannot be reached.
        #[arg(long)]
        nobody_reachable: bool,
    },
}

/// Runs a command and gives the lines to print.
///
/// # Errors
/// One line: nothing was done.
pub async fn run(
    command: &Admin,
    administration: &Administration<'_>,
    (entropy, issuer): (&dyn Entropy, &str),
) -> anyhow::Result<Vec<String>> {
    match command {
        Admin::Bootstrap { first_name, last_name, email, phone } => {
            let person = FirstStaff {
                first_name: PersonName::parse(first_name).context("--first-name")?,
                last_name: PersonName::parse(last_name).context("--last-name")?,
                email: Email::parse(email).context("--email")?,
                phone: PhoneNumber::parse(phone).context("--phone")?,
            };
            bootstrap(&person, administration, (entropy, issuer)).await
        }
        Admin::Confirm { email, nobody_reachable } => {
            confirm(email, *nobody_reachable, administration).await
        }
    }
}

async fn bootstrap(
    person: &FirstStaff,
    administration: &Administration<'_>,
    (entropy, issuer): (&dyn Entropy, &str),
) -> anyhow::Result<Vec<String>> {
    let link = FreshLink::from_entropy(entropy);
    match administration.bootstrap(person, &link.digest).await {
        Ok(_) => Ok(vec![link.address(issuer, "/activate")]),
        Err(AdministrationError::Rule(Rule::SetUpOver(SetUpOver::InOffice))) => {
            anyhow::bail!("the operator has staff already: set-up is over for good")
        }
        Err(AdministrationError::Rule(Rule::SetUpOver(SetUpOver::Enough))) => {
            anyhow::bail!(
                "{FIRST_STAFF} identity administrators are invited, and more are not needed"
            )
        }
        Err(AdministrationError::Rule(Rule::NomineeElsewhere)) => {
            anyhow::bail!("the address has an account that is none of the staff")
        }
        Err(error) => Err(error).context("nobody was invited"),
    }
}

async fn confirm(
    email: &str,
    nobody_reachable: bool,
    administration: &Administration<'_>,
) -> anyhow::Result<Vec<String>> {
    let found = administration.store.find_account_by_email(&EmailKey::of(email)).await?;
    let user = found.context("nobody has that address")?.user.id;
    let held = administration.store.list_staff_roles(&[user]).await?;
    let waiting = held.into_iter().filter(|(_, held)| held.dormant_at.is_some());
    let staff: BTreeSet<StaffRole> = waiting.map(|(_, held)| held.role).collect();
    if staff.is_empty() {
        anyhow::bail!("no role of that person waits");
    }
    let able = administration.list_staff_confirmers(user).await?;
    if !able.is_empty() && !nobody_reachable {
        let names: Vec<&str> = able.iter().map(|account| account.user.email.as_str()).collect();
        let names = names.join(", ");
        anyhow::bail!(
            "{names} can confirm it on the page \"Confirmations\"; with --nobody-reachable it is done here"
        );
    }
    let lines = staff.iter().map(|role| format!("{} counts", role.as_str())).collect();
    let choice = DormantChoice { staff, confirm: true, ..DormantChoice::default() };
    administration.decide_dormant(user, &choice).await.context("nothing was confirmed")?;
    Ok(lines)
}
