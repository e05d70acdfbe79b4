//! A list that ends at a limit, and says so.

/// The first of a list, and whether there are more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtMost<T> {
    /// So many as the limit allows.
    pub rows: Vec<T>,
    /// Whether some were left out.
    pub has_more: bool,
}

impl<T> AtMost<T> {
    /// Of rows that were read up to one more than the limit.
    pub(crate) fn of(mut rows: Vec<T>, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Self { rows, has_more }
    }
}

#[cfg(test)]
mod tests {
    use super::AtMost;

    #[test]
    fn one_more_than_the_limit_is_left_out_and_said() {
        for (rows, kept, has_more) in [(0, 0, false), (2, 2, false), (3, 2, true)] {
            let list = AtMost::of(vec!['x'; rows], 2);
            assert_eq!((list.rows.len(), list.has_more), (kept, has_more), "{rows}");
        }
    }
}
