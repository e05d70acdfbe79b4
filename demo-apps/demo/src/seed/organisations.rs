//! The tree: Root, third parties, subsidiaries, and what each is onboarded to.

use anyhow::Context as _;
use idp::administration::Administration;
use portal_core::{
    id::{LevelId, ThirdPartyId},
    lei::Lei,
    organisation::{
        Administration as Administered, LevelName, NewSubsidiary, NewThirdParty, ThirdPartyStatus,
    },
};

use super::data::{Institution, PortalData, ThirdParty};

/// Creates the tree.
pub(super) async fn fill(
    administration: &Administration<'_>,
    data: &PortalData,
) -> anyhow::Result<()> {
    administration.create_root().await?;
    for third_party in &data.third_parties {
        create(administration, data, third_party)
            .await
            .with_context(|| third_party.level.clone())?;
    }
    Ok(())
}

async fn create(
    administration: &Administration<'_>,
    data: &PortalData,
    third_party: &ThirdParty,
) -> anyhow::Result<()> {
    let institutions: Vec<_> =
        data.institutions.iter().filter(|i| i.third_party == third_party.level).collect();
    let new = NewThirdParty {
        legal_name: third_party.legal.clone(),
        country: third_party.country.clone(),
        lei: institutions.first().map(|main| Lei::parse(&main.lei)).transpose()?,
        kind: kind_of(&third_party.kind).to_owned(),
        administration: administered(third_party),
        status: status(third_party),
        level: LevelName::parse(&third_party.level)?,
    };
    let (id, level) = administration.create_third_party(&new).await?;
    for institution in institutions {
        administration.create_subsidiary(&subsidiary(institution, level)?).await?;
    }
    onboard(administration, id, third_party).await
}

async fn onboard(
    administration: &Administration<'_>,
    id: ThirdPartyId,
    third_party: &ThirdParty,
) -> anyhow::Result<()> {
    for code in &third_party.apps {
        let application = administration.store.find_application(code).await?;
        administration
            .onboard(id, &application.with_context(|| format!("application {code}"))?)
            .await?;
    }
    Ok(())
}

fn subsidiary(institution: &Institution, level_id: LevelId) -> anyhow::Result<NewSubsidiary> {
    Ok(NewSubsidiary {
        level_id,
        short_name: institution.code.clone(),
        legal_name: institution.legal_name.clone(),
        country: institution.country.clone(),
        lei: Lei::parse(&institution.lei)?,
    })
}

fn administered(third_party: &ThirdParty) -> Administered {
    if third_party.admin.starts_with("ECB-administered") {
        Administered::Operator
    } else {
        Administered::Delegated
    }
}

/// A third party whose nomination waits for confirmation is not in operation yet.
fn status(third_party: &ThirdParty) -> ThirdPartyStatus {
    if third_party.admin.starts_with("nomination") {
        ThirdPartyStatus::Prospect
    } else {
        ThirdPartyStatus::Active
    }
}

/// The portal's word for a kind, which the data spell out: "bank (LSI)", "banking group".
fn kind_of(spelled_out: &str) -> &'static str {
    match spelled_out.split(' ').next().unwrap_or_default() {
        "banking" => "group",
        "service" => "service-provider",
        "prospective" => "acquirer",
        "authority" => "authority",
        _ => "bank",
    }
}
