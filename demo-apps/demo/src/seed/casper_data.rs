//! What CASPER and CASPER Pre-Production begin with (domain.md 3.5).

use anyhow::Context as _;
use casper::{Role, SeedAssignment, SeedCollection, SeedData, SeedEntity, SeedPerson};
use idp::App;
use portal_core::{access::Environment, email::EmailKey};

use super::data::{DataCollection, PortalData};
use crate::{applications::APPLICATIONS, data_folder::DataFolder};

const OWNER: &str = "Tibor Halmosvari";

/// Person, role, collection, reporting entity, by whom.
type Row = (&'static str, Role, &'static str, &'static str, &'static str);

const PRODUCTION: [Row; 10] = [
    ("lucia.armentera@bank-e.example", Role::UserAdmin, "STE_QTR", "BANK_E", OWNER),
    ("hugo.belmonte@bank-e.example", Role::DataSubmitter, "STE_QTR", "BANK_E", "Lucía Armentera"),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "STE_QTR", "MERID_NL", OWNER),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "STE_QTR", "MERID_BE", OWNER),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "ST_2027", "MERID_NL", OWNER),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "ST_2027", "MERID_BE", OWNER),
    (
        "lotte.winkelhaak@meridiaan.example",
        Role::DataSubmitter,
        "STE_QTR",
        "MERID_BE",
        "Ruben Aldewereld",
    ),
    (
        "friederike.zandt@lumen.example",
        Role::DataSubmitter,
        "FEE_FACT",
        "TAUNUS",
        "ECB fees team (demo)",
    ),
    (
        "wendelin.aschauer@taunus.example",
        Role::DataSubmitter,
        "FEE_FACT",
        "TAUNUS",
        "ECB fees team (demo)",
    ),
    ("alvaro.pedrosa@bank-e.example", Role::UserAdmin, "STE_QTR", "BANK_E", OWNER),
];

const PRE_PRODUCTION: [Row; 5] = [
    ("hugo.belmonte@bank-e.example", Role::DataSubmitter, "STE_QTR", "BANK_E", "Álvaro Pedrosa"),
    ("alvaro.pedrosa@bank-e.example", Role::UserAdmin, "STE_QTR", "BANK_E", OWNER),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "STE_QTR", "MERID_NL", OWNER),
    ("ruben.aldewereld@meridiaan.example", Role::UserAdmin, "STE_QTR", "MERID_BE", OWNER),
    ("kobe.staelens@meridiaan.example", Role::DataSubmitter, "PILOT_X", "MERID_DE", OWNER),
];

/// Fills both databases.
pub(super) async fn fill(app: &App, folder: &DataFolder, data: &PortalData) -> anyhow::Result<()> {
    for application in APPLICATIONS.iter().filter(|a| a.code.ends_with("CASPER")) {
        let environment = application.environment();
        let rows: &[Row] = match environment {
            Environment::Production => &PRODUCTION,
            Environment::PreProduction => &PRE_PRODUCTION,
        };
        let seed = SeedData {
            entities: data.institutions.iter().map(entity).collect(),
            collections: collections(app, data, environment).await?,
            assignments: assignments(app, rows).await?,
        };
        casper::seed(&folder.file(&format!("{}.sqlite", application.client_id)), &seed).await?;
    }
    Ok(())
}

fn entity(institution: &super::data::Institution) -> SeedEntity {
    SeedEntity {
        code: institution.code.clone(),
        legal_name: institution.legal_name.clone(),
        country: institution.country.clone(),
        lei: institution.lei.clone(),
        level: institution.third_party.clone(),
    }
}

async fn collections(
    app: &App,
    data: &PortalData,
    environment: Environment,
) -> anyhow::Result<Vec<SeedCollection>> {
    let owner = person(app, "tibor.halmosvari@ecb.example").await?;
    let is_here =
        |c: &&DataCollection| c.environment == "both" || c.environment == environment.as_str();
    let here = data.data_collections.iter().filter(is_here);
    Ok(here
        .map(|collection| SeedCollection {
            code: collection.code.clone(),
            name: collection.name.clone(),
            frequency: collection.frequency.clone(),
            deadline: collection.deadline.clone(),
            owner_name: collection.owner.clone(),
            owner: (collection.owner == OWNER).then(|| owner.clone()),
        })
        .collect())
}

async fn assignments(app: &App, rows: &[Row]) -> anyhow::Result<Vec<SeedAssignment>> {
    let mut assignments = Vec::with_capacity(rows.len());
    for (email, role, collection, entity, assigned_by) in rows {
        let SeedPerson { iss, sub } = person(app, email).await?;
        assignments.push(SeedAssignment {
            iss,
            sub,
            role: *role,
            collection: (*collection).to_owned(),
            entity: (*entity).to_owned(),
            assigned_by: (*assigned_by).to_owned(),
        });
    }
    Ok(assignments)
}

async fn person(app: &App, email: &str) -> anyhow::Result<SeedPerson> {
    let account = app.store.find_account_by_email(&EmailKey::of(email)).await?;
    let account = account.with_context(|| format!("nobody has the address {email}"))?;
    Ok(SeedPerson { iss: app.issuer.as_str().to_owned(), sub: account.user.id.to_string() })
}
