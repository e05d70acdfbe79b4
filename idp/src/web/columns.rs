//! The heads of columns that a list can be sorted by.

/// The head of a column.
pub(crate) struct ColumnHead {
    /// What it is called.
    pub(crate) text: String,
    /// The address of the list, sorted by it.
    pub(crate) href: String,
    /// The value of `aria-sort`.
    pub(crate) sorted: &'static str,
}

impl ColumnHead {
    /// The head of a column by which the list is sorted, or not. To choose the column again turns its order round.
    /// `address` is that of the list in an order.
    pub(crate) fn of(
        text: String,
        (is_sorted, is_descending): (bool, bool),
        address: impl FnOnce(&str) -> String,
    ) -> Self {
        let (sorted, next) = match (is_sorted, is_descending) {
            (true, false) => ("ascending", "descending"),
            (true, true) => ("descending", "ascending"),
            (false, _) => ("none", "ascending"),
        };
        Self { text, href: address(next), sorted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_chosen_again_turns_round() {
        for (state, sorted, next) in [
            ((false, true), "none", "ascending"),
            ((true, false), "ascending", "descending"),
            ((true, true), "descending", "ascending"),
        ] {
            let head = ColumnHead::of(String::new(), state, str::to_owned);
            assert_eq!((head.sorted, head.href.as_str()), (sorted, next));
        }
    }
}
