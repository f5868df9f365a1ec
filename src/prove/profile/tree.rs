//! Who called whom, and what each spent by itself.

use std::collections::{BTreeMap, HashMap};

use super::{spent::Spent, symbols::Function};

/// An entry of a call stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Frame {
    /// A function of the guest.
    Function(Function),
    /// An EVM instruction, around the functions that do it.
    Opcode(u8),
    /// A precompile, by its place among the known ones, around the functions that do it.
    Precompile(usize),
    /// A system call, by its place among those that were seen.
    SystemCall(usize),
}

/// A call stack, by its place in the tree. Parents come before their children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Stack(usize);

/// A call stack in the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The stack without its last entry; itself for the first of all.
    pub parent: Stack,
    /// Its last entry.
    pub frame: Frame,
    /// How often it was entered.
    pub entered: u64,
    /// What was spent in it, and in nothing that it called.
    pub own: Spent,
}

/// All call stacks that were seen.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    places: HashMap<(Stack, Frame), Stack>,
}

impl Tree {
    /// A tree whose stacks all begin with `first`.
    pub(super) fn new(first: Frame) -> Self {
        let root = Node {
            parent: Stack(0),
            frame: first,
            entered: 1,
            own: Spent::default(),
        };
        Self {
            nodes: vec![root],
            places: HashMap::new(),
        }
    }

    /// The stack of one entry.
    pub(super) const fn root() -> Stack {
        Stack(0)
    }

    /// `parent` with `frame` on it.
    pub(super) fn enter(&mut self, parent: Stack, frame: Frame) -> Stack {
        let nodes = &mut self.nodes;
        let at = *self.places.entry((parent, frame)).or_insert_with(|| {
            nodes.push(Node {
                parent,
                frame,
                entered: 0,
                own: Spent::default(),
            });
            Stack(nodes.len() - 1)
        });
        self.nodes[at.0].entered += 1;
        at
    }

    /// Adds what was spent in `stack` itself.
    pub(super) fn spend(&mut self, stack: Stack, spent: Spent) {
        self.nodes[stack.0].own += spent;
    }

    /// The nodes, parents first.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What each node has from the closest of itself and those that it is called by.
    pub(super) fn closest<T: Copy>(&self, has: impl Fn(Frame) -> Option<T>) -> Vec<Option<T>> {
        let mut found: Vec<Option<T>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let above = found.get(node.parent.0).copied().flatten();
            found.push(has(node.frame).or(above));
        }
        found
    }

    /// Every stack as text, outermost first, parted by semicolons, with what was spent in it itself.
    pub(super) fn folded(&self, name: impl Fn(Frame) -> String) -> BTreeMap<String, Spent> {
        let mut texts: Vec<String> = Vec::with_capacity(self.nodes.len());
        let mut folded = BTreeMap::new();
        for node in &self.nodes {
            let name = name(node.frame);
            let text = match texts.get(node.parent.0) {
                Some(above) => format!("{above};{name}"),
                None => name,
            };
            if node.own != Spent::default() {
                *folded.entry(text.clone()).or_default() += node.own;
            }
            texts.push(text);
        }
        folded
    }
}
