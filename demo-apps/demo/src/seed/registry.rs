//! Applications, groups and clients.

use anyhow::Context as _;
use idp::administration::Administration;
use oidc_core::{
    client::{AuthMethod, BackchannelLogout, Client, ClientKeys, ExtraClaims, GrantType, Policy},
    scope::{self, Scope},
};
use storage::NewApplication;

use super::data::PortalData;
use crate::{
    applications::{APPLICATIONS, DemoApplication},
    data_folder::State,
    launch::Addresses,
};

/// Registers everything that can be opened.
pub(super) async fn fill(
    administration: &Administration<'_>,
    data: &PortalData,
    addresses: &Addresses,
    state: &State,
) -> anyhow::Result<()> {
    for (position, application) in (0..).zip(&APPLICATIONS) {
        let new = NewApplication {
            code: application.code.to_owned(),
            title: application.title.to_owned(),
            subtitle: application.subtitle.to_owned(),
            environment: application.environment(),
            position,
        };
        administration.register_application(&new).await?;
        if let Some(client) = client_of(application, addresses, state)? {
            administration.register_client(&client).await?;
        }
    }
    for group in &data.groups {
        let application = administration.store.find_application(&group.app).await?;
        let application = application.with_context(|| format!("application {}", group.app))?;
        administration.register_group(&application, &group.name, &group.description).await?;
    }
    Ok(())
}

fn client_of(
    application: &DemoApplication,
    addresses: &Addresses,
    state: &State,
) -> anyhow::Result<Option<Client>> {
    let Some(base) = addresses.of(application) else {
        return Ok(None);
    };
    let keys = state.client_key(application.client_id)?.public_jwks();
    Ok(Some(Client {
        application: Some(application.code.to_owned()),
        auth_method: AuthMethod::PrivateKeyJwt,
        keys: Some(ClientKeys::ByValue(keys.to_string())),
        policy: Policy { require_pushed_requests: true, ..Policy::default() },
        redirect_uris: vec![format!("{base}/callback")],
        post_logout_redirect_uris: vec![format!("{base}/")],
        initiate_login_uri: Some(format!("{base}/login")),
        backchannel_logout: Some(BackchannelLogout {
            uri: format!("{base}/backchannel-logout"),
            session_required: true,
        }),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        scopes: Scope::from_names(scope::SUPPORTED),
        first_party: true,
        extra_claims: ExtraClaims {
            company_id: application.needs_company_id,
            staff_roles: application.needs_staff_roles,
            profile_in_id_token: true,
        },
        ..Client::new(application.client_id, application.title)
    }))
}
