//! What the SSM Portal and its pre-production begin with (domain.md 3.6, 3.7): institutions, process types, and in
//! production the manual's list of users. People of the portal get their accounts at their first sign-in.

use ssm_portal::SeedData;

use super::data::TEXT;
use crate::{applications::APPLICATIONS, data_folder::DataFolder};

/// Fills both databases.
pub(super) async fn fill(folder: &DataFolder) -> anyhow::Result<()> {
    for application in APPLICATIONS.iter().filter(|a| a.code.ends_with("SSM-PORTAL")) {
        let mut seed: SeedData = serde_json::from_str(TEXT)?;
        if application.code.starts_with(portal_core::access::PRE_PRODUCTION_PREFIX) {
            seed.imas_manage_users_fixture.clear();
        }
        ssm_portal::seed(&folder.file(&format!("{}.sqlite", application.client_id)), &seed).await?;
    }
    Ok(())
}
