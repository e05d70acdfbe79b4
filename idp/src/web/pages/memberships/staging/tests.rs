use uuid::Uuid;

use super::*;

const A: GroupId = GroupId(Uuid::from_u128(1));
const B: GroupId = GroupId(Uuid::from_u128(2));
const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000); // 2026-11-21T12:00:00Z

/// A person in group A, and a form in which nothing is staged.
fn fresh() -> Staging {
    Staging::fresh(7, &Held::from([(A, None)]))
}

#[test]
fn a_fresh_form_saves_nothing() {
    assert!(!fresh().is_dirty());
    assert!(fresh().staged(NOW).unwrap().is_empty());
}

#[test]
fn what_is_ticked_is_staged_with_its_last_day_and_the_picker_closes() {
    let mut form = Staging { is_picking: true, ..fresh() };
    form.picked = [A, B].into();
    form.pick_until = "2026-12-31".to_owned();
    form.take(Step::Add);
    assert!(!form.is_picking && form.picked.is_empty() && form.pick_until.is_empty());
    let staged = form.staged(NOW).unwrap();
    let day = ExpirationDate::from_iso("2026-12-31").unwrap();
    assert_eq!(staged.additions, [(B, Some(day))].into(), "A is held already");
    assert!(form.is_dirty());
}

#[test]
fn to_cancel_the_picker_forgets_what_was_ticked_there_and_nothing_else() {
    let mut form = Staging { is_picking: true, ..fresh() };
    form.take(Step::Remove(A));
    form.picked = [B].into();
    form.take(Step::Close);
    assert!(form.picked.is_empty() && form.added.is_empty());
    assert_eq!(form.removed, [A].into());
}

#[test]
fn a_row_that_was_only_staged_is_gone_with_its_icon_and_a_held_one_is_marked() {
    let mut form = fresh();
    form.add(B, String::new());
    form.take(Step::Remove(B));
    assert!(!form.is_dirty());
    form.take(Step::Remove(A));
    assert_eq!(form.staged(NOW).unwrap().removals, [A].into());
    form.take(Step::Undo(A));
    assert!(!form.is_dirty());
    form.take(Step::Remove(B));
    assert!(!form.is_dirty(), "a group that is not held cannot be removed");
}

#[test]
fn to_pick_a_group_that_was_to_be_removed_keeps_it() {
    let mut form = fresh();
    form.take(Step::Remove(A));
    form.add(A, String::new());
    assert!(!form.is_dirty());
}

#[test]
fn another_last_day_is_a_change_and_a_day_that_is_over_is_an_error() {
    let mut form = fresh();
    form.until.insert(A, "2026-12-31".to_owned());
    assert!(form.is_dirty());
    let day = ExpirationDate::from_iso("2026-12-31").unwrap();
    assert_eq!(form.staged(NOW).unwrap().last_days, [(A, Some(day))].into());
    form.until.insert(A, "2026-11-20".to_owned());
    assert_eq!(form.staged(NOW).unwrap_err(), [(A, ExpirationDateError::Past)].into());
    form.add(B, "soon".to_owned());
    assert_eq!(form.staged(NOW).unwrap_err()[&B], ExpirationDateError::Malformed);
    form.take(Step::Undo(A));
    form.take(Step::Undo(B));
    assert!(!form.is_dirty());
}

#[test]
fn on_top_of_a_newer_state_stays_what_is_still_to_be_done() {
    let mut form = Staging::fresh(7, &Held::from([(A, None)]));
    form.add(B, String::new());
    form.take(Step::Remove(A));
    // Somebody added B meanwhile.
    let newer = Held::from([(A, None), (B, None)]);
    let again = form.clone().on_top_of(8, &newer);
    assert_eq!((again.version, again.added.len(), again.removed), (8, 0, [A].into()));
    // Somebody removed A meanwhile.
    let again = form.on_top_of(8, &Held::new());
    assert_eq!((again.added.len(), again.removed.len()), (1, 0));
    assert_eq!(again.was, Held::new());
}

#[test]
fn a_button_that_the_page_does_not_have_is_refused() {
    assert_eq!(Step::parse("save"), Ok(Step::Save));
    assert_eq!(Step::parse(&format!("remove.{A}")), Ok(Step::Remove(A)));
    assert_eq!(Step::parse(&format!("undo.{B}")), Ok(Step::Undo(B)));
    for text in ["delete", "remove.", "remove.x", "undo", "save.1"] {
        assert_eq!(Step::parse(text), Err(PageError::BadRequest), "{text}");
    }
}
