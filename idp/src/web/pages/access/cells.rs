//! What somebody holds, as text in a cell.

use portal_core::access::Application;
use storage::AccessRow;

use crate::texts::Texts;

/// One text a column: groups with their last days, and the role for the application.
pub(super) fn of(rows: &[AccessRow], columns: &[Application], texts: &Texts) -> Vec<Vec<String>> {
    let of_application = |application: &Application| {
        let held = rows.iter().filter(|row| row.application == Some(application.id));
        held.map(|row| text(row, texts)).collect()
    };
    columns.iter().map(of_application).collect()
}

/// What is held, until when, and whether it counts.
pub(super) fn text(row: &AccessRow, texts: &Texts) -> String {
    let name = match (&row.group, row.application) {
        (Some(group), _) => group.clone(),
        (None, Some(_)) => texts.msg("why-role-access-administrator"),
        (None, None) => texts.msg("why-role-user-administrator"),
    };
    let until = row.valid_until.map(|day| texts.msg1("why-until", "until", &day.to_iso()));
    let dormant = row.dormant_at.map(|_| texts.msg("memberships-dormant"));
    let marks: Vec<String> = until.into_iter().chain(dormant).collect();
    if marks.is_empty() { name } else { format!("{name} ({})", marks.join(", ")) }
}

/// The role of a user administrator, if somebody holds it.
pub(super) fn user_administrator(rows: &[AccessRow]) -> Option<&AccessRow> {
    rows.iter().find(|row| row.application.is_none() && row.group.is_none())
}
