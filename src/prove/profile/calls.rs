//! The call stack of the guest, followed from one jump to the next, and the EVM's operations on it.

use super::{
    phases::{self, CALL_BEGINS, CALL_ENDS, DISPATCH, PRECOMPILES},
    spent::Spent,
    symbols::{ByFunction, Function, Symbols},
    tree::{Frame, Stack, Tree},
};

/// EVM instructions that call or create: what begins and ends the call is theirs, too.
const CALLING: [u8; 6] = [0xf0, 0xf1, 0xf2, 0xf4, 0xf5, 0xfa];

/// What a function is to the EVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Dispatch,
    CallBegins,
    CallEnds,
    Precompile(usize),
    Other,
}

/// How the program went on elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    /// To a function that returns to this address; `computed` where it depends on data.
    Call { back: u64, computed: bool },
    /// To where a function was called from.
    Return,
    /// Within the function, or to another that returns in its place.
    Go,
}

/// A function that has not returned.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// The stack below the function.
    below: Stack,
    /// The stack with it.
    stack: Stack,
    function: Function,
    /// Where it returns to.
    back: u64,
}

/// The call stack of a running guest.
#[derive(Debug)]
pub(super) struct Calls {
    symbols: &'static Symbols,
    roles: ByFunction<Role>,
    pub(super) tree: Tree,
    open: Vec<Open>,
    /// The byte that the dispatching function read last.
    byte: u8,
    /// The last instruction, if it calls or creates.
    calling: Option<u8>,
    /// The instruction that each of the EVM's open calls is of; none for a transaction's own.
    callers: Vec<Option<u8>>,
    /// How often each EVM instruction was begun.
    pub(super) opcodes: Box<[u64; 256]>,
    /// How often each precompile was.
    pub(super) precompiles: [u64; PRECOMPILES.len()],
    /// Returns to where nothing was called from: none, if the stack was followed well.
    #[cfg(test)]
    pub(super) lost: u64,
}

impl Calls {
    /// The guest at its first instruction, at `start`.
    pub(super) fn new(start: u64) -> Self {
        let symbols = Symbols::guest();
        let role = |name: &str| match name {
            DISPATCH => Role::Dispatch,
            CALL_BEGINS => Role::CallBegins,
            CALL_ENDS => Role::CallEnds,
            name => phases::precompile(name).map_or(Role::Other, Role::Precompile),
        };
        let function = symbols.at(start);
        Self {
            symbols,
            roles: symbols.each(role),
            tree: Tree::new(Frame::Function(function)),
            open: vec![Open {
                below: Tree::root(),
                stack: Tree::root(),
                function,
                back: 0,
            }],
            byte: 0,
            calling: None,
            callers: Vec::new(),
            opcodes: Box::new([0; 256]),
            precompiles: [0; PRECOMPILES.len()],
            #[cfg(test)]
            lost: 0,
        }
    }

    fn top(&self) -> Open {
        // The first entry stays: nothing is returned to from it.
        self.open[self.open.len() - 1]
    }

    /// How many functions have not returned.
    #[cfg(test)]
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Adds what an instruction took to the stack that it ran on.
    pub(super) fn spend(&mut self, spent: Spent) {
        let stack = self.top().stack;
        self.tree.spend(stack, spent);
    }

    /// The same for a system call, which is an entry of its own.
    pub(super) fn spend_in_call(&mut self, system_call: usize, spent: Spent) {
        let stack = self.top().stack;
        let stack = self.tree.enter(stack, Frame::SystemCall(system_call));
        self.tree.spend(stack, spent);
    }

    /// The instruction that ran loaded this byte.
    pub(super) fn loaded(&mut self, byte: u64) {
        if self.roles.of(self.top().function) == Role::Dispatch {
            self.byte = u8::try_from(byte & 0xff).unwrap_or_default();
        }
    }

    /// The instruction that ran jumped to `target`.
    pub(super) fn jumped(&mut self, jump: Jump, target: u64) {
        let top = self.top();
        let function = self.symbols.at(target);
        match jump {
            Jump::Call { back, computed } => {
                let dispatched = computed && self.roles.of(top.function) == Role::Dispatch;
                let operation = if dispatched {
                    Some(self.dispatch())
                } else {
                    self.evm_call(function)
                };
                let below = match operation {
                    Some(operation) => self.tree.enter(top.stack, operation),
                    None => top.stack,
                };
                let open = self.opened(below, function, back);
                self.open.push(open);
            }
            Jump::Return => match self.open.iter().rposition(|open| open.back == target) {
                Some(at) if at > 0 => self.open.truncate(at),
                _ => {
                    #[cfg(test)]
                    {
                        self.lost += 1;
                    }
                }
            },
            Jump::Go if function != top.function => {
                let open = self.opened(top.below, function, top.back);
                self.open.pop();
                self.open.push(open);
            }
            Jump::Go => {}
        }
    }

    fn opened(&mut self, below: Stack, function: Function, back: u64) -> Open {
        let mut stack = below;
        if let Role::Precompile(which) = self.roles.of(function) {
            self.precompiles[which] += 1;
            stack = self.tree.enter(stack, Frame::Precompile(which));
        }
        Open {
            below,
            stack: self.tree.enter(stack, Frame::Function(function)),
            function,
            back,
        }
    }

    /// An EVM instruction begins.
    fn dispatch(&mut self) -> Frame {
        self.opcodes[usize::from(self.byte)] += 1;
        self.calling = CALLING.contains(&self.byte).then_some(self.byte);
        Frame::Opcode(self.byte)
    }

    /// The instruction of the EVM that beginning or ending its call is a part of, if `function` does that.
    fn evm_call(&mut self, function: Function) -> Option<Frame> {
        let opcode = match self.roles.of(function) {
            Role::CallBegins => {
                let opcode = self.calling.take();
                if opcode.is_none() {
                    // A transaction's own: nothing is open.
                    self.callers.clear();
                }
                self.callers.push(opcode);
                opcode
            }
            Role::CallEnds => {
                self.calling = None;
                self.callers.pop().flatten()
            }
            Role::Dispatch | Role::Precompile(_) | Role::Other => None,
        };
        opcode.map(Frame::Opcode)
    }
}
