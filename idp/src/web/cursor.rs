//! Where a page of a list begins, as it stands in an address: opaque, signed, and good only for the person, the filter
//! and the order that it was made for (security.md 106).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use portal_core::id::UserId;
use serde::{Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq as _;

use crate::App;

/// What a cursor is bound to.
pub struct CursorScope<'a> {
    /// The list, such as `users`.
    pub list: &'a str,
    /// Who pages.
    pub actor: UserId,
    /// Filter and order, in one text.
    pub filter: &'a str,
}

impl CursorScope<'_> {
    /// A cursor for an address.
    pub fn write(&self, app: &App, position: &impl Serialize) -> String {
        let position = serde_json::to_vec(position).unwrap_or_default();
        let mac = self.mac(app, &position);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&position), URL_SAFE_NO_PAD.encode(mac))
    }

    /// Reads a cursor back; `None` for one that was not made for this scope: then the list begins at its first page.
    pub fn read<T: DeserializeOwned>(&self, app: &App, cursor: &str) -> Option<T> {
        let (position, mac) = cursor.split_once('.')?;
        let position = URL_SAFE_NO_PAD.decode(position).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        let is_ours: bool = self.mac(app, &position).as_slice().ct_eq(&mac).into();
        is_ours.then(|| serde_json::from_slice(&position).ok()).flatten()
    }

    fn mac(&self, app: &App, position: &[u8]) -> [u8; 32] {
        let parts = [
            self.list.as_bytes(),
            self.actor.0.as_bytes().as_slice(),
            self.filter.as_bytes(),
            position,
        ];
        app.server_keys.cursor_mac(&parts)
    }
}
