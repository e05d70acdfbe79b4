//! The levels of a third party as nested lists.

use std::cmp::Ordering;

use portal_core::organisation::LevelPath;
use storage::LevelCount;

/// A level, with where it stands among the lists.
pub(super) struct NodeView {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) people: String,
    /// It begins a list below the one before it.
    pub(super) opens: bool,
    /// How many lists end before it.
    pub(super) closes: usize,
    /// The topmost one.
    pub(super) is_top: bool,
    /// Nothing is known to hang on it.
    pub(super) is_leaf: bool,
}

/// The levels from the top down, each below the one that it belongs to; and how many lists are open at the end.
pub(super) fn nodes(levels: &[LevelCount]) -> (Vec<NodeView>, usize) {
    let mut levels: Vec<&LevelCount> = levels.iter().collect();
    levels.sort_by(|one, other| by_names(&one.level.path, &other.level.path));
    let depth = |count: &LevelCount| count.level.path.as_str().matches('/').count();
    let top = levels.first().map_or(0, |count| depth(count));
    let mut before = top;
    let mut nodes: Vec<NodeView> = Vec::with_capacity(levels.len());
    for count in levels {
        let at = depth(count);
        let opens = at > before;
        if let Some(parent) = nodes.last_mut().filter(|_| opens) {
            parent.is_leaf = false;
        }
        nodes.push(NodeView {
            id: count.level.id.to_string(),
            name: count.level.name.clone(),
            people: count.people.to_string(),
            opens,
            closes: before.saturating_sub(at),
            is_top: at == top,
            is_leaf: true,
        });
        before = at;
    }
    (nodes, before - top)
}

/// In the order of the tree: name by name, so that `BANK/Desk` stands before `BANK 2`.
fn by_names(one: &LevelPath, other: &LevelPath) -> Ordering {
    one.as_str().split('/').cmp(other.as_str().split('/'))
}

#[cfg(test)]
mod tests {
    use portal_core::{id::LevelId, organisation::Level};
    use uuid::Uuid;

    use super::*;

    fn level(path: &str) -> LevelCount {
        let name = path.rsplit('/').next().unwrap().to_owned();
        let path = LevelPath::from_stored(path.to_owned());
        let level = Level { id: LevelId(Uuid::nil()), name, path, third_party_id: None };
        LevelCount { level, people: 0 }
    }

    #[test]
    fn a_level_stands_below_its_own_and_not_below_a_namesake() {
        let levels = ["Root/A", "Root/A/B", "Root/A/B 2", "Root/A/B/C", "Root/A/B/C/D", "Root/A/E"];
        let (nodes, open) = nodes(&levels.map(level));
        let shape: Vec<(&str, bool, usize)> =
            nodes.iter().map(|node| (node.name.as_str(), node.opens, node.closes)).collect();
        assert_eq!(
            shape,
            [
                ("A", false, 0),
                ("B", true, 0),
                ("C", true, 0),
                ("D", true, 0),
                ("B 2", false, 2),
                ("E", false, 0),
            ]
        );
        assert_eq!(open, 1);
    }
}
